"""Scenarios that are deep, wide, long or huge. Some can be played, most are refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.campaigns.hostile import json_values
from tests.support import scenario

_KEYS = (
    "version", "api", "summary", "results", "progression", "faults", "more", "switches", "limits", "run_shape", "x",
)  # fmt: skip
_STEP_KEYS = ("status", "after", "results", "body", "omit", "pages", "violates", "x")
_FAULT_KEYS = ("operation", "when", "respond", "change", "disconnect", "corrupt", "hang", "drip", "delay",
               "retry_after", "x")  # fmt: skip


def _last(**more: Any) -> dict[str, Any]:
    return scenario("clado", {"status": "completed", **more})


def _hostile_pages(**more: Any) -> dict[str, Any]:
    return _last(pages=more, violates=["pagination"])


def _numbered(count: int) -> dict[str, int]:
    return {f"member{number}": number for number in range(count)}


def _fault(**more: Any) -> dict[str, Any]:
    return scenario("clado", "completed", faults=[{"when": {"every": 1}, **more}])


HUGE: Mapping[str, Callable[[], Any]] = {
    "10,000 people": lambda: scenario("clado", "completed", results={"count": 10_000}),
    "more people than allowed": lambda: scenario("clado", "completed", results={"count": 10**9}),
    "10,000 candidates": lambda: scenario(
        "orbit", "completed", results={"count": 10_000}, run_shape="candidate_discovery"
    ),
    "1,000 steps": lambda: scenario("clado", *["searching"] * 999, "completed"),
    "30,000 steps": lambda: scenario("clado", *["searching"] * 30_000),
    "1,000 steps with people": lambda: scenario(
        "clado", *({"status": "processing", "results": number * 10} for number in range(1, 1_000)), "completed",
        results={"count": 10_000},
    ),
    "1,000 faults": lambda: scenario("clado", "completed", faults=[{"when": {"request": 1}, "hang": True}] * 1_000),
    "30,000 faults": lambda: scenario("clado", "completed", faults=[{"when": {"chance": 0.5}, "delay": 0}] * 30_000),
    "30,000 members": lambda: _last(body=_numbered(30_000)),
    "30,000 members of a member": lambda: _last(body={"x": _numbered(30_000)}),
    "members in 900 levels": lambda: _last(body=json.loads('{"a":' * 900 + "1" + "}" * 900)),
    "30,000 left out": lambda: _last(omit=[f"x{number}" for number in range(30_000)]),
    "one left out 30,000 times": lambda: _last(omit=["message"] * 30_000),
    "30,000 empty pages": lambda: _hostile_pages(empty=list(range(1, 30_001))),
    "30,000 repeated pages": lambda: _hostile_pages(repeat={str(n): 1 for n in range(1, 30_001)}),
    "30,000 swaps": lambda: _hostile_pages(swap=[[n, n + 1] for n in range(1, 30_001)]),
    "violations many times": lambda: _last(violates=["schema"] * 30_000),
    "more people later": lambda: {
        **_last(), "more": {"count": 10_000, "progression": [{"status": "completed"}] * 1_000},
    },
    "unknown switches": lambda: {**_last(), "switches": _numbered(30_000)},
    "limits of unknown operations": lambda: {**_last(), "limits": dict.fromkeys(_numbered(30_000))},
    "a long status": lambda: scenario("clado", {"status": "x" * 500_000, "violates": ["schema"]}),
    "a large answer": lambda: _fault(respond={"status": 200, "body": "x" * 900_000}),
    "many headers": lambda: _fault(respond={"status": 200, "headers": {f"x-{n}": "y" for n in range(20_000)}}),
    "headers of framing": lambda: _fault(
        respond={"status": 200, "headers": {"content-length": "5", "transfer-encoding": "x"}}
    ),
    "1,000 places of 10,000 people": lambda: {
        **_fault(change={"set": {f"/results/*/x{number}": number for number in range(1_000)}}),
        "results": {"count": 10_000},
    },
    "30,000 places": lambda: _fault(change={"omit": [f"/x{number}" for number in range(30_000)]}),
    "a change in 900 levels": lambda: _fault(change={"set": {"/a" * 900: json.loads('{"a":' * 50 + "1" + "}" * 50)}}),
    "a status without a body": lambda: _fault(respond={"status": 204, "body": "x"}),
    "a fast drip": lambda: _fault(drip={"bytes": 1, "every": 0}),
    "a slow drip": lambda: _fault(drip={"bytes": 1, "every": "999h"}),
    "a hanging answer": lambda: _fault(hang=True),
    "a lost answer": lambda: _fault(disconnect="reset"),
    "half an answer": lambda: _fault(disconnect="mid_body"),
    "garbage": lambda: _fault(corrupt="garbage"),
    "a delay of a year": lambda: _fault(delay=31_536_000),
    "a long tail": lambda: _fault(delay={"lognormal": {"median": "999h", "sigma": 5}}),
}  # fmt: skip
"""Whole scenarios by what is huge in them."""


def any_scenario(rng: Random) -> bytes:
    """Return a scenario with a hostile value at one place, or one that is huge."""
    if rng.random() < 0.5:
        return json_values.cut(json.dumps(HUGE[rng.choice(sorted(HUGE))]()).encode())
    return _with_a_hostile_value(rng)


def _with_a_hostile_value(rng: Random) -> bytes:
    hostile = rng.choice((json_values.value, lambda one: json_values.of_type(one, 60_000)))(rng)
    base, place = scenario("clado", "completed"), rng.randrange(3)
    if place == 0:
        return json_values.with_field(base, rng.choice(_KEYS), hostile)
    if place == 1:
        step = json_values.with_field({"status": "completed"}, rng.choice(_STEP_KEYS), hostile)
        return json_values.with_field(base, "progression", b"[" + step + b"]")
    fault = json_values.with_field({"when": {"every": 1}, "hang": True}, rng.choice(_FAULT_KEYS), hostile)
    return json_values.with_field(base, "faults", b"[" + fault + b"]")
