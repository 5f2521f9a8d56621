"""What costs: the same start twice, and work that is started over and over."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, change, found, poll, start, verdict


def run(at: float, status: int = 202, once: str | None = "a", **more: Any) -> Row:
    """A start of Orbit, which has an idempotency key."""
    return start(at, status, once=once, **more)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([start(0, lost=True), start(5, job="j2")], (1, 2)),
        ([start(0, lost=True), start(5, 429), start(70, job="j2")], (1, 2)),
        ([start(0, lost=True), poll(1, "pending"), start(5, job="j2")], (1, 3)),
        ([start(0, lost=True), start(5, job="j2", intent="i2")], None),
        ([start(0, 503), start(5)], None),
        ([start(0, 429), start(60)], None),
        ([start(0, 402, lost=True), start(60)], None),
        ([start(0), start(5, job="j2")], None),
        ([start(0, **DOUBT), start(5, job="j2")], None),
    ],
)
def test_without_an_idempotency_key(rows: list[Row], expected: tuple[int, int] | None) -> None:
    """A start that made a job is not sent again when its answer was lost; a refused one may be."""
    assert found(*rows) == ({"started-twice": expected} if expected else {})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([run(0, lost=True), run(5, once="b", job="j2")], (1, 2)),
        ([run(0, once=None, lost=True), run(5, once=None, job="j2")], (1, 2)),
        ([run(0, 503), run(5, once="b")], (1, 2)),
        ([run(0, 500), run(5, once=None)], (1, 2)),
        ([run(0, lost=True), run(5, 429), run(70, once="b", job="j2")], (2, 3)),
        ([run(0, lost=True), run(5, lost=True), run(9, once="b", job="j2")], (2, 3)),
        ([run(0, job=None, status=200, lost=True), run(5, once="b")], (1, 2)),
        ([run(0, lost=True), run(5, 200)], None),
        ([run(0, 422, lost=True), run(5, once="b")], None),
        ([run(0, 503), run(5)], None),
        ([run(0, 429), run(5, once="b")], None),
        ([run(0, 402), run(5, once="b")], None),
        ([run(0, lost=True), run(5, 200), run(9, once="b", job="j2")], None),
    ],
)
def test_with_an_idempotency_key(rows: list[Row], expected: tuple[int, int] | None) -> None:
    """A start whose outcome isn't known is repeated with the same key, until its answer settles the matter."""
    assert found(*rows, api="orbit") == ({"started-twice": expected} if expected else {})


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (run(0, lost=True), run(5, once="b", job="j2"), "lost, and this one has another idempotency key"),
        (run(0, 503), run(5, once=None, job="j2"), "503, and this one has no idempotency key"),
    ],
)
def test_started_twice_in_words(first: Row, second: Row, said: str) -> None:
    """The evidence says what became of the first answer, and what the second start lacks; the job is the second one."""
    finding, = verdict(first, second, api="orbit").findings  # fmt: skip
    assert finding.evidence == f"request 2 starts again what request 1 may have started: its answer was {said}"
    assert finding.job == "j2"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([change(6, "more", lost=True), change(9, "more", 409)], {"started-twice"}),
        ([change(6, "more", lost=True), change(9, "more")], {"started-twice"}),
        ([change(6, "more", lost=True), poll(9, "completed"), change(12, "more")], set()),
        ([change(6, "more", lost=True), poll(9, 503), change(12, "more")], {"started-twice"}),
        ([change(6, "more"), poll(9, "completed"), change(12, "more")], set()),
        ([change(6, "more", 503), change(9, "more")], set()),
        ([change(6, "more", lost=True), {**change(9, "more"), "job": "j2"}], set()),
    ],
)
def test_a_lost_more_is_like_a_lost_start(rows: list[Row], expected: set[str]) -> None:
    """A `more` whose answer was lost isn't sent again without a look at the job."""
    assert set(found(start(0), poll(5, "completed"), *rows)) == expected


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([change(6, "more"), poll(9, "pending"), change(12, "more", 409)], True),
        ([change(6, "more", lost=True), poll(9, "pending"), change(12, "more", 409)], True),
        ([change(6, "more"), poll(9, "completed"), change(12, "more", 409)], False),
        ([change(6, "more", 409)], False),
    ],
)
def test_a_refused_more_is_no_end(rows: list[Row], seen: bool) -> None:
    """Who raises for a 409 while the job that it reopened runs leaves work that it pays for."""
    rules = set(found(start(0), poll(5, "completed"), *rows, outcome="raised"))
    assert rules - {"result-raised-as-error"} == ({"gave-up-early"} if seen else set())


def again(*said: Any, every: float = 10, intent: str = "i1") -> list[Row]:
    """The same start over and over, each with a poll that is answered so; None for no poll."""
    rows: list[Row] = []
    for number, answer in enumerate(said):
        at, job = number * every, f"j{number}"
        rows.append(start(at, job=job, intent=intent))
        if answer is not None:
            rows.append(poll(at + every / 2, answer, job=job, path=f"/api/search/deep_research/{job}"))
    return rows


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        (again(503, 503, 503, 503), True),
        (again("pending", "pending", "pending", "pending"), True),
        (again(503, 503), False),
        (again(503, 503, "completed", 503, 503), False),
        (again(503, 503, 503, 503, every=1_000), False),
        (again(*["error"] * 7), True),
        (again(*["error"] * 4), False),
        (again(*["error"] * 9, every=200), False),
        ([{**row, "connection": number // 2} for number, row in enumerate(again(*[503] * 4))], True),
        (again(*[None] * 21), True),
        (again(*[None] * 10), False),
        (again("completed", "completed", "completed", "completed", "completed"), False),
        ([row for number in range(9) for row in again(503, intent=f"i{number}")], False),
        ([*again(*[None] * 5), *(row for row in again(*[503] * 5) if row["operation"] == "status")], False),
    ],
)
def test_started_over(rows: list[Row], seen: bool) -> None:
    """The same work isn't started over while the job before may be running; jobs side by side are fine."""
    assert ("started-over" in found(*rows)) is seen


def test_started_over_in_words() -> None:
    """The evidence says which starts, and what became of the jobs."""
    finding, = verdict(*again(503, 503, 503, 503)).findings  # fmt: skip
    text = "request 7 starts again what request 1 started; the client left 3 jobs that were running"
    assert finding.evidence == text
