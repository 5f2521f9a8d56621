"""`Scenario` → an object of the scenario language, which can be read back to the same scenario.

Only values other than the default are written. `to_mapping` reads its result back, so that a scenario that the language
can't express is an error, and never becomes another scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from ..clock import SECOND
from ..errors import Origin, Problem, ScenarioError
from ..models import (
    Change,
    Delay,
    Drip,
    Fault,
    Limit,
    More,
    Pages,
    Respond,
    Results,
    RetryAfter,
    Scenario,
    Step,
    When,
)  # fmt: skip
from .bounds import check_bounds
from .build import build_scenario
from .document import Document
from .schema_check import check_schema

_LONGEST_TEXT_DURATION = 10_000_000 * SECOND
"""From this duration on, it is written as a number: text has at most seven digits before the point."""
def to_mapping(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario without its name as an object. Raises ScenarioError if the language can't express it."""
    written = {
        "version": 1,
        "api": scenario.api,
        **_nonempty(summary=scenario.summary, results=_results(scenario.results)),
        "progression": _steps(scenario.progression),
        **_nonempty(
            faults=[_fault(fault) for fault in scenario.faults],
            run_shape=scenario.run_shape,
            more=scenario.more and _more(scenario.more),
            switches=_plain_copy(scenario.switches),
            limits={operation: limit and _limit(limit) for operation, limit in scenario.limits.items()},
        ),
    }
    _check_round_trip(written, scenario)
    return written


def _check_round_trip(written: dict[str, Any], scenario: Scenario) -> None:
    """Raise ScenarioError unless the object reads back to the same scenario."""
    document = check_bounds(Document(data=written, origin=Origin(source=scenario.origin.source)))
    check_schema(document)
    again = build_scenario(document, scenario.name)
    compared = [member.name for member in fields(Scenario) if member.compare]
    lost = [key for key in compared if getattr(again, key) != getattr(scenario, key)]
    if lost:
        message = "The language can't say all that {!r} holds."
        raise ScenarioError(
            [Problem(message=message.format(key), origin=document.origin, pointer=f"/{key}") for key in lost]
        )


def _nonempty(**members: Any) -> dict[str, Any]:
    """Return the members that aren't None, False or empty; 0 is kept."""
    return {
        key: value
        for key, value in members.items()
        if value is not None and value is not False and value not in ("", [], {})
    }


def _plain_copy(value: Any) -> Any:
    """Return a copy of a JSON value with plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _plain_copy(inner) for key, inner in value.items()}
    return [_plain_copy(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _json_number(value: float) -> float:
    """Return a number, as an integer if it is whole."""
    return int(value) if float(value).is_integer() else value


def _seconds(time: int) -> float:
    """Return nanoseconds as a number of seconds that reads back exactly. Raises ScenarioError if there is none."""
    number = _json_number(time / SECOND)
    if Decimal(str(number)) * SECOND != time:
        message = f"{Decimal(time) / SECOND:f} seconds can't be written exactly; the nearest number is {number}."
        raise ScenarioError([Problem(message=message, origin=Origin(source="<scenario>"))])
    return number


def _duration(time: int) -> float | str:
    """Return nanoseconds as text with a unit, such as 2s or 150ms."""
    if time >= _LONGEST_TEXT_DURATION:
        return _seconds(time)
    size, unit = (SECOND // 1000, "ms") if 0 < time < SECOND else (SECOND, "s")
    return f"{Decimal(time) / size:f}{unit}"


def _results(results: Results) -> dict[str, Any]:
    usual = Results()
    return {key: value for key in ("count", "seed") if (value := getattr(results, key)) != getattr(usual, key)}


def _steps(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [_step(step) for step in steps]


def _step(step: Step) -> dict[str, Any]:
    after = step.after
    return {
        "status": step.status,
        **_nonempty(
            after=after and _nonempty(polls=after.polls, seconds=None if after.time is None else _seconds(after.time)),
            results=step.results,
            body=_plain_copy(step.body),
            omit=list(step.omit),
            pages=step.pages and _pages(step.pages),
            violates=sorted(step.violates),
        ),
    }


def _pages(pages: Pages) -> dict[str, Any]:
    """Return hostile paging; without an effect it is written as `empty: []`, because it needs at least one key."""
    return _nonempty(
        empty=sorted(pages.empty),
        repeat={str(page): pages.repeat[page] for page in sorted(pages.repeat)},
        swap=_plain_copy(pages.swap),
        total=pages.total,
    ) or {"empty": []}


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        **_nonempty(operation=fault.operation if fault.operation != "status" else None),
        "when": _when(fault.when),
        **_nonempty(
            respond=fault.respond and _respond(fault.respond),
            change=fault.change and _change(fault.change),
            disconnect=fault.disconnect,
            corrupt=fault.corrupt,
            hang=fault.hang,
            drip=fault.drip and _drip(fault.drip),
            delay=fault.delay and _DELAYS[fault.delay.kind](fault.delay),
            retry_after=fault.retry_after and _retry_after(fault.retry_after),
        ),
    }


def _when(when: When) -> dict[str, Any]:
    first, last = when.requests or (None, None)
    return _nonempty(
        request=first if first == last else None,
        requests={"from": first, "to": last} if first != last else None,
        every=when.every,
        seconds=when.during and dict(zip(("from", "to"), map(_seconds, when.during), strict=True)),
        chance=None if when.chance is None else _json_number(when.chance),
    )


def _respond(respond: Respond) -> str | dict[str, Any]:
    body = {"body": _plain_copy(respond.body)} if respond.has_body else {}
    return respond.name or {"status": respond.status, **body, **_nonempty(headers=_plain_copy(respond.headers))}


def _change(change: Change) -> dict[str, Any]:
    return _nonempty(
        status=change.status, headers=_plain_copy(change.headers), set=_plain_copy(change.set), omit=list(change.omit),
        byte_order_mark=change.byte_order_mark,
    )  # fmt: skip


def _drip(drip: Drip) -> dict[str, Any]:
    return {"bytes": drip.size, "every": _duration(drip.every)}


_DELAYS: dict[str, Callable[[Delay], Any]] = {
    "constant": lambda delay: _duration(delay.a),
    "uniform": lambda delay: {"uniform": [_duration(delay.a), _duration(delay.b)]},
    "lognormal": lambda delay: {"lognormal": {"median": _duration(delay.a), "sigma": _json_number(delay.sigma)}},
}


def _retry_after(retry_after: RetryAfter) -> Any:
    if retry_after.seconds is None:
        return "absent"
    return {"date": retry_after.seconds} if retry_after.as_date else retry_after.seconds


def _more(more: More) -> dict[str, Any]:
    return {"count": more.count, **_nonempty(progression=_steps(more.progression))}


def _limit(limit: Limit) -> dict[str, Any]:
    return {"requests": limit.requests, "seconds": _seconds(limit.period), **_nonempty(burst=limit.burst)}
