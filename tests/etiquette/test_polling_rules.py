"""Polls: how often, how long, when to stop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, change, found, journal, page, poll, start, verdict

from jobmock import apis
from jobmock.clock import SECOND
from jobmock.etiquette import RuleSettings
from jobmock.etiquette.subjects import group_by_subject
from jobmock.models import PageInfo

DAY = 24 * 3600
ONE = "page=1&page_size=1"


def severities(*rows: Row, **more: Any) -> list[tuple[str, str]]:
    """Return rule and severity of each finding."""
    return [(finding.rule, finding.severity) for finding in verdict(*rows, **more).findings]


def polls(said: str | int, *times: float, query: str = "", **more: Any) -> list[Row]:
    return [poll(at, said, query.format(at), **more) for at in times]


@pytest.mark.parametrize("end", ["completed", "error", "cancelled"])
@pytest.mark.parametrize("query", ["", "_={}", "page=1&page_size=10&t={}"])
def test_polled_after_end(end: str, query: str) -> None:
    """Three more polls after any end are an error, whatever the query says besides the page."""
    paged = {"page": PageInfo(1, 10, False)} if "page" in query else {}
    rows = polls(end, *range(5, 30, 5), query=query, **paged)
    assert severities(start(0), *rows) == [("polled-after-end", "error")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (polls("completed", 5, 10), ["warning"]),
        (polls("completed", 5, 10, 15), ["warning"]),
        (polls("completed", 5, 10, 15, 20), ["error"]),
        (polls("completed", 5, 65, 125, 185), []),
        ([*polls("pending", 60, 120), *polls("completed", 180, 240, 300, 360)], ["error"]),
        (polls("completed", 5, 5, agent="a") + polls("completed", 6, 6, agent="b"), ["warning"]),
        ([poll(5, "completed"), *[page(6, 1, last=1)] * 50], ["error"]),
        ([page(5, 1, last=1), page(6, 1, last=1), page(7, 1, last=1)], []),
        ([*polls("pending", 5), *(change(at, "cancel") for at in range(6, 10))], ["error"]),
        ([*polls("pending", 5), change(6, "cancel"), change(7, "cancel", 409)], []),
    ],
)
def test_how_often_the_end_is_read(rows: list[Row], expected: list[str]) -> None:
    """One or two more reads are a warning; a refresh after a pause, and another worker, begin anew."""
    assert [severity for rule, severity in severities(start(0), *rows) if rule == "polled-after-end"] == expected


def test_one_more_read_has_a_remedy_that_fits() -> None:
    """A client that reads the results by one more request is told that it has them."""
    finding, = verdict(start(0), *polls("completed", 5, 6)).findings  # fmt: skip
    assert str(finding) == (
        "polled-after-end (warning): the job's end in request 2 ('completed') was read again in request 3."
        " Stop at the answer that showed the end: nothing changes after it."
    )


@pytest.mark.parametrize(
    "rows",
    [
        [poll(5, "completed", ONE), poll(6, "completed")],
        [poll(5, "completed"), page(6, 1), page(7, 2), page(8, 3)],
        [page(5, 1), page(6, 1, 503), page(8, 1), page(9, 2), page(10, 3)],
        [page(5, 1), page(6, 1, lost=True), page(8, 1), page(9, 2), page(10, 3)],
        [poll(5, "completed", lost=True), poll(10, "completed")],
        [poll(5, "completed", **DOUBT), poll(10, "completed")],
        [poll(5, "completed"), change(6, "more"), poll(10, "completed")],
        [poll(5, "completed"), change(6, "more", lost=True), poll(10, "pending"), poll(15, "completed")],
        [poll(5, "completed"), poll(6, 503, "legacy=false"), poll(9, "completed", "legacy=false")],
        [poll(5, "completed"), poll(6, "completed", job="j2", path="/api/search/deep_research/j2")],
        [poll(5, "reranking"), poll(10, "reranking"), poll(15, "completed")],
    ],
)
def test_collecting_is_no_poll(rows: list[Row]) -> None:
    """Collecting, a page walk, an end that didn't arrive, a job that was reopened: none of it is polling on."""
    assert found(*rows) == {}


def test_refused_more_does_not_reopen() -> None:
    """A continuation that is refused leaves the job at its end."""
    rows = [poll(5, "completed"), change(6, "more", 409), *polls("completed", 10, 15, 20)]
    assert severities(*rows) == [("polled-after-end", "error")]


def test_an_end_that_the_api_takes_back_is_none() -> None:
    """Where the API itself lets an ended job run again, polling on is right; its second end counts as the first did."""
    rows = [poll(5, "completed", ONE), *polls("processing", 6, 11), poll(16, "completed")]
    assert found(*rows) == {}
    assert severities(*rows, *polls("completed", 21, 26, 31)) == [("polled-after-end", "error")]


@pytest.mark.parametrize(
    ("times", "seen"),
    [
        ([5 + number / 100 for number in range(5)], True),
        ([5 + number / 2 for number in range(41)], True),
        ([5 + number * 0.3 for number in range(21)], True),
        ([5 + number * 0.9 for number in range(60)], False),
        ([5, 5.02, 10, 15], False),
        ([5, 5.25, 5.75, 6.75, 8.75, 12.75], False),
        ([*(5 + number / 4 for number in range(12)), *range(9, 60, 5)], False),
        ([5, 9, 9.1, 13, 13.1, 14, 18, 18.2], False),
    ],
)
@pytest.mark.parametrize("query", ["", "_={}"])
def test_polled_too_fast(times: list[float], seen: bool, query: str) -> None:
    """What counts is how many polls come in how long; a quick beginning, or a short pause by chance, is fine."""
    rows = [start(0), *polls("pending", *times, query=query)]
    assert set(found(*rows)) == ({"polled-too-fast"} if seen else set())


def in_turns(connections: str, *times: float, agent: str | None = None) -> list[Row]:
    """Return polls on connections that are named by letters."""
    pairs = zip(connections * len(times), times, strict=False)
    return [poll(at, "pending", connection=name, agent=agent and agent + name) for name, at in pairs]


NO_PAUSES, LOCKSTEP = (0.0,) * 7, (0, 0, 0.02, 0.02, 0.06, 0.06, 0.14)


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        (in_turns("ab", *NO_PAUSES), ["polled-too-fast"]),
        (in_turns("ab", *NO_PAUSES[:4]), []),
        (in_turns("ab", *LOCKSTEP), []),
        (in_turns("ab", *NO_PAUSES, 5), []),
        (in_turns("abc", *NO_PAUSES), []),
        (in_turns("aab", *NO_PAUSES[:6]), []),
        (in_turns("ab", *NO_PAUSES, agent="x"), []),
    ],
    ids=["in turns", "few", "two workers", "a pause later", "three connections", "not in turns", "two programs"],
)  # fmt: skip
def test_polls_in_turns_on_two_connections(rows: list[Row], rules: list[str]) -> None:
    """Only if they make no pause at all, they are those of one client: two workers would each make pauses."""
    assert [rule for rule, _ in severities(start(0, connection="a"), *rows, time="virtual")] == rules


def test_polled_too_fast_in_words() -> None:
    """The evidence says which polls, in how long, and how long they should take."""
    finding, = verdict(*polls("pending", 5, 5.01, 5.02, 5.03, 5.04)).findings  # fmt: skip
    assert finding.evidence == (
        "requests 1 to 5 poll the running job in 0.04 s; 5 polls should take at least 0.2 s"
    )


@pytest.mark.parametrize(
    "rows",
    [
        polls("pending", *[5] * 4),
        [*polls("pending", 5), *(poll(5, 429, retry=5) for _ in range(9)), *polls("pending", 5, 10)],
        [*(poll(5 + number / 100, 429, retry=5) for number in range(60)), poll(6, "pending")],
        [row for job in ("j1", "j2") for row in polls("pending", *[5] * 4, job=job, path=f"/api/x/{job}")],
        [row for agent in "abc" for row in polls("pending", *[5] * 4, agent=agent)],
        [page(5, number, "processing", last=30) for number in range(1, 20)],
        [*polls("searching", *[5] * 4), change(5.1, "cancel"), poll(5.2, "cancelled")],
        [start(5), *polls("pending", *[5] * 4)],
        [page(5, 1), page(5, 2), page(5, 3)],
    ],
)
def test_not_too_fast(rows: list[Row]) -> None:
    """A few polls, or those of different jobs, workers and pages, may come at once."""
    assert found(*rows) == {}


def test_the_shortest_interval_is_a_setting() -> None:
    """A test may allow more polls, or fewer."""
    rows = polls("pending", *range(5, 100, 2))
    assert found(*rows, settings=RuleSettings(min_interval=2 * SECOND)) == {}
    assert set(found(*rows, settings=RuleSettings(min_interval=5 * SECOND))) == {"polled-too-fast"}
    assert found(*polls("pending", *[5] * 50), settings=RuleSettings(min_interval=0)) == {}


HOURLY = list(range(0, DAY + 7200, 3600))


@pytest.mark.parametrize(
    ("rows", "more", "expected"),
    [
        ([start(0), *polls("pending", *HOURLY)], {}, {"no-deadline"}),
        ([start(0), *polls("reranking", *HOURLY)], {}, {"no-deadline"}),
        ([start(0), *polls("pending", *HOURLY[:-3])], {}, set()),
        ([start(0), poll(5, "pending"), poll(DAY + 3600, "pending")], {}, set()),
        ([start(0), *polls("pending", 5, 10, 15), poll(DAY + 3600, "pending")], {}, set()),
        ([start(0), poll(DAY + 3600, "pending"), poll(DAY + 3605, "pending")], {}, set()),
        ([start(0), poll(5, "completed"), *polls("completed", *HOURLY[1:], query=ONE)], {}, set()),
        ([start(0), *polls("pending", *HOURLY[:-3]), poll(DAY - 9, "completed"), change(DAY, "more"),
          *polls("pending", DAY + 5, DAY + 3605)], {}, set()),
        ([start(0), *polls("pending", *range(10, 90, 10))], {"settings": RuleSettings(deadline=60 * SECOND)},
         {"no-deadline"}),
        ([start(0), *(poll(at, "pending", agent=f"a{at // DAY}") for at in HOURLY)], {}, set()),
    ],
)  # fmt: skip
def test_no_deadline(rows: list[Row], more: dict[str, Any], expected: set[str]) -> None:
    """Nobody polls a job for a day on end; one may look at it once, 25 hours later."""
    assert set(found(*rows, **more)) - {"polled-after-end"} == expected


@pytest.mark.parametrize(("hours", "expected"), [(1, {"no-deadline"}), (12, {"no-deadline"}), (13, set())])
def test_no_deadline_where_jobs_take_long(hours: int, expected: set[str]) -> None:
    """A job that may take more than half a day may be polled for twice as long as it may take."""
    rows = [start(0), *polls("pending", *HOURLY)]
    assert set(found(*rows, settings=RuleSettings(longest_job=hours * 3600 * SECOND))) == expected


def test_no_deadline_is_reported_once() -> None:
    """The evidence names the first request that came too late."""
    rows = [start(0), *polls("pending", *HOURLY)]
    finding, = verdict(*rows).findings  # fmt: skip
    assert finding.evidence == "request 26 still polls 86400 s after request 1, without a long pause"


def test_the_deadline_counts_from_the_jobs_making_where_requests_were_dropped() -> None:
    """A job's age counts from when it was made only where the journal has lost its first requests."""
    rows = [poll(DAY - 5, "pending", made=0), poll(DAY, "pending", made=0)]
    assert found(*rows) == {}
    assert found(*rows, dropped=9) == {"no-deadline": (1, 2)}


def test_refusals_in_words() -> None:
    """The evidence names the whole row, and what it was answered."""
    rows = [poll(at, 404 if at < 15 else 403) for at in (5, 10, 15, 20, 25)]
    finding, = verdict(start(0), *rows).findings  # fmt: skip
    assert finding.evidence == "requests 2 to 6 asked the same 5 times in a row, and each was answered 404, 403"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 405, 409, 410, 422])
@pytest.mark.parametrize("kind", ["status", "start", "more", "cancel"])
def test_polls_after_refusal(status: int, kind: str) -> None:
    """Three final refusals in a row are two too many: of a poll, a start, a `more` or a cancel."""
    rows = [start(0, intent="i0")]
    for at in (5, 10, 15, 20):
        if kind == "status":
            rows.append(poll(at, status))
        else:
            rows.append(start(at, status) if kind == "start" else change(at, kind, status))
    assert found(*rows) == {"polls-after-refusal": (2, 3, 4)}


def test_a_404_may_be_repeated_more_often() -> None:
    """A job may not be visible yet, so some 404s in a row are fine, but not for ever."""
    rows = polls(404, *range(5, 60, 5))
    assert found(start(0), *rows[:7]) == {}
    assert found(start(0), *rows) == {"polls-after-refusal": (2, 3, 4)}


def test_a_job_that_nobody_has_counts() -> None:
    """The journal knows no job for it, but its path does."""
    rows = [poll(at, 403, job=None, path="/api/search/deep_research/no%2Fone") for at in (5, 10, 15)]
    assert found(*rows) == {"polls-after-refusal": (1, 2, 3)}


@pytest.mark.parametrize(
    "rows",
    [
        [poll(5, 404), poll(10, 404), poll(15, "pending"), poll(20, 404)],
        [poll(5, 404, lost=True), poll(10, 404), poll(15, 404)],
        [poll(5, 404), poll(10, 404), poll(15, 503), poll(20, 404)],
        [page(5, 1), page(6, 2, 404), page(6, 3, 404), page(6, 4, 404)],
        [poll(at, 404, job=None, path=f"/api/search/deep_research/n{at}") for at in (5, 10, 15)],
    ],
)
def test_refusals_that_are_heeded(rows: list[Row]) -> None:
    """Two in a row, or refusals of different pages or jobs, are not asking on and on."""
    assert found(*rows) == {}


@pytest.mark.parametrize(("parameter", "groups"), [("page", (3, 1, 1)), ("p", (1, 3, 1))])
def test_pages_are_told_apart_by_the_parameter_of_the_api(parameter: str, groups: tuple[int, ...]) -> None:
    """A page is a subject of its own, by the name that the API has for it. An API without pages has one subject."""
    rows = [poll(at, "processing", f"{parameter}={at}") for at in (1, 2, 3, 2)]
    polls, own = list(journal(*({"api": "clado", **row} for row in rows))), apis.load("clado")
    other = replace(own, paging=own.paging and own.paging._replace(page="p"))
    found = [group_by_subject(polls, api) for api in (own, other, replace(own, paging=None))]
    assert tuple(map(len, found)) == groups
