"""Which requests are of the same worker."""

from __future__ import annotations

from itertools import chain

import pytest
from tests.etiquette.journals import Row, found, journal, poll, start, verdict

from jobmock.etiquette.workers import workers_of


def workers(*rows: Row) -> list[int]:
    entries = journal(*rows)
    return workers_of(list(entries), entries.lost)


def on(connections: str, *, step: float = 5, agents: str = "") -> list[Row]:
    """Polls on connections that are named by letters, `step` seconds apart."""
    return [
        poll(number * step, "pending", connection=name, agent=agents[number] if agents else None)
        for number, name in enumerate(connections)
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (on("aaaa"), [0, 0, 0, 0]),
        (on("abcd", step=0.1), [0, 0, 0, 0]),
        (on("aabbcc"), [0, 0, 0, 0, 0, 0]),
        (on("abab"), [0, 1, 0, 1]),
        (on("aaxbbx"), [0, 0, 0, 1, 1, 0]),
        (on("aabb", step=1), [0, 0, 1, 1]),
        (on("aabb", step=4), [0, 0, 0, 0]),
        ([*on("aa", step=1), poll(2, "pending", connection="a", lost=True), poll(3, 503, connection="b")], [0] * 4),
        (on("....", agents="xyxy"), [0, 1, 0, 1]),
        ([poll(0, "pending"), poll(1, "pending"), poll(2, "pending", agent="x")], [0, 0, 1]),
    ],
)
def test_workers(rows: list[Row], expected: list[int]) -> None:
    """Connections side by side, and different User-Agents, are different workers; a new connection alone is not."""
    assert workers(*rows) == expected


def test_the_time_is_in_proportion_to_the_requests() -> None:
    """Many connections at once don't make it slower: each request is looked at twice."""
    rows = list(chain(on("abcdefghij" * 100), on("k" * 1000)))
    looked_at = 0

    class Counted(list):  # type: ignore[type-arg]
        def __iter__(self):  # type: ignore[no-untyped-def]
            nonlocal looked_at
            for each in super().__iter__():
                looked_at += 1
                yield each

    workers_of(Counted(journal(*rows)), set())
    assert looked_at == 2 * len(rows)


def test_workers_of_a_job_are_judged_apart() -> None:
    """What one worker was told binds no other one: Retry-After, the end, and how often each polls."""
    rows = [start(0), *on("abab", step=2)]
    refused = poll(20, 429, retry=60, connection="a")
    rows += [refused, poll(22, "pending", connection="b"), poll(60, "completed", connection="a")]
    rows += [poll(62, "completed", connection="b")]
    assert found(*rows) == {}


def test_workers_that_cannot_be_told_apart_are_no_error() -> None:
    """Where each saw the end once, a poll before Retry-After may have been that of another one: it is a warning."""
    rows = [start(0), *(poll(at, "pending") for at in (2, 4, 6)), poll(8, 429, retry=60), poll(10, "pending")]
    ends = [poll(60, "completed"), poll(62, "completed")]
    findings = verdict(*rows, *ends).findings
    assert [(one.rule, one.severity) for one in findings] == [
        ("retry-after-ignored", "warning"), ("polled-after-end", "warning"),
    ]  # fmt: skip
    assert findings[0].remedy.startswith("If it was another worker of the same job")
    assert [one.severity for one in verdict(*rows, *ends[:1]).findings] == ["error"]
