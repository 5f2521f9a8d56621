"""Each key of the language becomes its documented value; times become integer nanoseconds exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.api_facts import OWN

from jobmock import scenario
from jobmock.clock import SECOND
from jobmock.models import (
    After,
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

MILLI = SECOND // 1000


def built(api: str = "clado", **more: Any) -> Scenario:
    """Return the scenario of an object with `more` beside the least that one needs."""
    return scenario.from_mapping({"version": 1, "api": api, "progression": [{"status": "completed"}], **more})


def first(**members: Any) -> Step:
    """Return a Clado step with these members and a status."""
    return built(progression=[{"status": "pending", **members}, {"status": "completed"}]).progression[0]


def fault(**members: Any) -> Fault:
    """Return a fault with these members, of the first request unless they say another."""
    return built(faults=[{"when": {"request": 1}, **members}]).faults[0]


@pytest.mark.parametrize("api", OWN)
def test_least(api: str) -> None:
    """Where a scenario is silent, three results with seed 1, and nothing else, hold."""
    least = built(api)
    assert least == Scenario(name="scenario", api=api, summary="", progression=(Step(status="completed"),))
    assert least.results == Results(count=3, seed=1)
    assert (least.faults, least.run_shape, least.more) == ((), None, None)
    assert (dict(least.switches), dict(least.limits)) == ({}, {})


def test_example_of_the_design() -> None:
    """The design's own example means what its comments say."""
    text = """
version: 1
api: clado
summary: 47 people on two pages, found over forty seconds.
results: {count: 47, seed: 1}
progression:
  - status: pending
    after: {polls: 2}
  - status: searching
    after: {seconds: 30}
    body: {search_chunk_done: 2}
  - status: processing
    results: 20
    after: {seconds: 10}
  - status: completed
faults:
  - operation: status
    when: {request: 3}
    respond: rate_limited
    retry_after: 2
"""
    assert scenario.from_text(text, name="clado/two-pages") == Scenario(
        name="clado/two-pages",
        api="clado",
        summary="47 people on two pages, found over forty seconds.",
        results=Results(count=47, seed=1),
        progression=(
            Step(status="pending", after=After(polls=2)),
            Step(status="searching", after=After(time=30 * SECOND), body={"search_chunk_done": 2}),
            Step(status="processing", after=After(time=10 * SECOND), results=20),
            Step(status="completed"),
        ),
        faults=(
            Fault(
                operation="status",
                when=When(requests=(3, 3)),
                respond=Respond(name="rate_limited"),
                retry_after=RetryAfter(seconds=2),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("seconds", "nanoseconds"),
    [
        (30, 30 * SECOND), (0.1, 100_000_000), (0.3, 300_000_000), (1.1, 1_100_000_000), (2.675, 2_675_000_000),
        (0.001, 1_000_000), (1e-9, 1), (1.001, 1_001_000_000), (6.5e-05, 65_000),
        (31_536_000, 31_536_000 * SECOND), (86400.000000001, 86_400_000_000_001),
    ],
)  # fmt: skip
def test_seconds(seconds: float, nanoseconds: int) -> None:
    """Seconds become integer nanoseconds exactly, as they are written in decimal."""
    after = first(after={"seconds": seconds}).after
    assert after == After(time=nanoseconds)
    assert after is not None and type(after.time) is int


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("2s", 2 * SECOND), ("150ms", 150 * MILLI), ("1.5m", 90 * SECOND), ("1h", 3600 * SECOND), ("0s", 0),
        ("0.1s", 100 * MILLI), ("0.001ms", 1000), ("0.000001ms", 1), ("2.675s", 2675 * MILLI), (2, 2 * SECOND),
        (0.25, 250 * MILLI), (1.003, 1003 * MILLI), ("1.001s", 1001 * MILLI), ("90m", 5400 * SECOND),
    ],
)  # fmt: skip
def test_durations(text: str | float, nanoseconds: int) -> None:
    """A duration is text with a unit, or a number of seconds."""
    delay = fault(delay=text).delay
    assert delay == Delay(kind="constant", a=nanoseconds)
    assert delay is not None and type(delay.a) is int


@pytest.mark.parametrize(
    ("members", "step"),
    [
        ({"after": {"polls": 2}}, Step(status="pending", after=After(polls=2))),
        ({"results": 0}, Step(status="pending", results=0)),
        ({"body": {"a": {"b": None}}}, Step(status="pending", body={"a": {"b": None}})),
        ({"omit": ["failure", "x"]}, Step(status="pending", omit=("failure", "x"))),
        (
            {"violates": ["schema", "pagination"]},
            Step(status="pending", violates=frozenset({"schema", "pagination"})),
        ),
        (
            {"pages": {"empty": [2, 4], "repeat": {"3": 1}, "swap": [[1, 26], [2, 3]], "total": 99}},
            Step(
                status="pending",
                pages=Pages(empty=frozenset({2, 4}), repeat={3: 1}, swap=((1, 26), (2, 3)), total=99),
            ),
        ),
        ({"pages": {"total": 0}}, Step(status="pending", pages=Pages(total=0))),
    ],
)
def test_steps(members: dict[str, Any], step: Step) -> None:
    """Each key of a step becomes its value."""
    assert first(**{"after": {"polls": 1}, **members}) == replace(step, after=step.after or After(polls=1))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"request": 3}, When(requests=(3, 3))),
        ({"requests": {"from": 2, "to": 5}}, When(requests=(2, 5))),
        ({"every": 4}, When(every=4)),
        ({"seconds": {"from": 0, "to": 0.1}}, When(during=(0, 100 * MILLI))),
        ({"chance": 0.25}, When(chance=0.25)),
        ({"chance": 0}, When(chance=0)),
    ],
)
def test_when(when: dict[str, Any], expected: When) -> None:
    """Each form of `when` becomes its value; one request is a range of one."""
    assert fault(when=when, hang=True).when == expected


@pytest.mark.parametrize(
    ("members", "expected", "label"),
    [
        ({"respond": "unavailable"}, {"respond": Respond(name="unavailable")}, "respond unavailable"),
        ({"respond": {"status": 503}}, {"respond": Respond(status=503)}, "respond 503"),
        (
            {"respond": {"status": 200, "body": None, "headers": {"x-a": "b"}}},
            {"respond": Respond(status=200, body=None, has_body=True, headers={"x-a": "b"})}, "respond 200",
        ),
        ({"disconnect": "before_response"}, {"disconnect": "before_response"}, "disconnect before_response"),
        ({"disconnect": "reset"}, {"disconnect": "reset"}, "disconnect reset"),
        ({"disconnect": "mid_body"}, {"disconnect": "mid_body"}, "disconnect mid_body"),
        *(
            ({"corrupt": kind}, {"corrupt": kind}, f"corrupt {kind}")
            for kind in ("short_body", "truncated_json", "garbage", "empty_body", "wrong_content_type")
        ),
        (
            {"change": {"status": 201, "set": {"/a": 1}, "omit": ["/b"], "byte_order_mark": True}},
            {"change": Change(status=201, set={"/a": 1}, omit=("/b",), byte_order_mark=True)}, "change",
        ),
        ({"hang": True}, {"hang": True}, "hang"),
        ({"drip": {"bytes": 5, "every": "10ms"}}, {"drip": Drip(size=5, every=10 * MILLI)}, "drip"),
        ({"drip": {"bytes": 1, "every": 0.5}}, {"drip": Drip(size=1, every=500 * MILLI)}, "drip"),
        ({"delay": "2s"}, {"delay": Delay(kind="constant", a=2 * SECOND)}, "delay"),
        (
            {"delay": {"uniform": ["100ms", 0.9]}},
            {"delay": Delay(kind="uniform", a=100 * MILLI, b=900 * MILLI)}, "delay",
        ),
        (
            {"delay": {"uniform": ["2s", "1s"]}},
            {"delay": Delay(kind="uniform", a=SECOND, b=2 * SECOND)}, "delay",
        ),
        (
            {"delay": {"lognormal": {"median": "2s", "sigma": 1}}},
            {"delay": Delay(kind="lognormal", a=2 * SECOND, sigma=1.0)}, "delay",
        ),
        ({"operation": "start", "delay": 1}, {"operation": "start", "delay": Delay(kind="constant", a=SECOND)},
         "delay"),
        (
            {"respond": "rate_limited", "retry_after": 0},
            {"respond": Respond(name="rate_limited"), "retry_after": RetryAfter(seconds=0)},
            "respond rate_limited",
        ),
        (
            {"respond": "rate_limited", "retry_after": {"date": 7}},
            {"respond": Respond(name="rate_limited"), "retry_after": RetryAfter(seconds=7, as_date=True)},
            "respond rate_limited",
        ),
        (
            {"respond": "rate_limited", "retry_after": "absent", "delay": "1s"},
            {"respond": Respond(name="rate_limited"), "retry_after": RetryAfter(),
             "delay": Delay(kind="constant", a=SECOND)}, "respond rate_limited",
        ),
    ],
)  # fmt: skip
def test_faults(members: dict[str, Any], expected: dict[str, Any], label: str) -> None:
    """Each action becomes its value; the operation is `status` where none is named."""
    found = fault(**members)
    assert found == Fault(**{"operation": "status", "when": When(requests=(1, 1)), **expected})
    assert found.label == label


def test_the_rest() -> None:
    """Results, more, switches and limits become their values."""
    found = built(
        results={"count": 0, "seed": 9},
        more={"count": 5, "progression": [{"status": "pending", "after": {"polls": 1}}, {"status": "completed"}]},
        switches={"tier": "free", "limit_maximum": None},
        limits={
            "start": {"requests": 5, "seconds": 0.5},
            "status": {"requests": 25, "seconds": 1, "burst": 150},
            "cancel": None,
        },
    )
    assert found.results == Results(count=0, seed=9)
    assert found.more == More(
        count=5, progression=(Step(status="pending", after=After(polls=1)), Step(status="completed"))
    )
    assert found.switches == {"tier": "free", "limit_maximum": None}
    assert found.limits == {
        "start": Limit(requests=5, period=500 * MILLI),
        "status": Limit(requests=25, period=SECOND, burst=150),
        "cancel": None,
    }


def test_more_without_progression() -> None:
    """`more` may give a number alone."""
    more = built(more={"count": 0}).more
    assert more is not None and more.count == 0


def test_run_shape() -> None:
    """`run_shape` is Orbit's."""
    assert built("orbit", run_shape="candidate_discovery").run_shape == "candidate_discovery"


def test_whole_numbers_are_integers() -> None:
    """A whole number is an integer however it is written: 1e1 is ten."""
    text = (
        "version: 1.0\napi: clado\nresults: {count: 1e1, seed: 2.0}\nprogression:\n"
        "  - {status: pending, after: {polls: 2.0}}\n  - {status: completed, results: 3.0}\n"
        "faults:\n  - {when: {requests: {from: 1.0, to: 2.0}}, respond: {status: 503.0}, retry_after: 1e0}\n"
    )
    found = scenario.from_text(text)
    after, respond, retry = found.progression[0].after, found.faults[0].respond, found.faults[0].retry_after
    assert after is not None and respond is not None and retry is not None
    numbers: list[Any] = [
        found.results.count, found.results.seed, after.polls, found.progression[1].results,
        *(found.faults[0].when.requests or ()), respond.status, retry.seconds,
    ]  # fmt: skip
    assert numbers == [10, 2, 2, 3, 1, 2, 503, 1]
    assert {type(number) for number in numbers} == {int}


def test_origin() -> None:
    """A scenario keeps its name, its source and its marks."""
    found = scenario.from_text("version: 1\napi: clado\nprogression:\n- status: completed\n", name="n", source="s.yaml")
    assert (found.name, found.origin.source) == ("n", "s.yaml")
    assert found.origin.position("/progression/0/status") == (4, 11)
    assert found.origin.position("/progression/0/status", key=True) == (4, 3)
    assert found.origin.position("/progression/0/body/x") == (4, 3)


def test_json_form() -> None:
    """The same scenario as JSON text is the same."""
    text = '{"version": 1, "api": "clado", "progression": [{"status": "completed"}]}'
    assert scenario.from_text(text, form="json") == built()
