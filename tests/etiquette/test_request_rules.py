"""What is sent: the same start twice, a key where everybody can read it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, found, poll, start, verdict


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
    "row",
    [
        poll(5, "pending", "api_key=lk_…"),
        {"at": 5, "operation": None, "path": "/lk_…/jobs", "status": 404, "job": None},
    ],
)
def test_key_in_url(row: Row) -> None:
    """A key in a path or a query is seen, though the journal holds no more than its prefix."""
    assert found(start(0), row) == {"key-in-url": (2,)}
