"""What a journal tells: whose requests are whose, and what of the answers arrived."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import DOUBT, Row, change, journal, page, poll, start

from jobmock import apis
from jobmock.etiquette import Manners
from jobmock.etiquette.story import Story, job_of, runs, seconds, stories_of_jobs, whole_story


def whole(*rows: Row, dropped: int = 0) -> Story:
    return whole_story(journal(*rows, dropped=dropped), apis.load("clado"), Manners())


def numbers(lists: list[list[Any]]) -> list[list[int]]:
    return [[exchange.number for exchange in exchanges] for exchanges in lists]


def test_each_job_has_a_story() -> None:
    """Starts, polls and changes of one job belong together; what names no job, or another API's, belongs to none."""
    rows = [
        start(0), start(1, job="j2"), poll(2, "pending"), start(3, 402), {**poll(4, 404), "api": "orbit"},
        poll(5, 404, job=None, path="/api/search/deep_research/x%20y"), change(6, "more"),
    ]  # fmt: skip
    told = {story.job: [exchange.number for exchange in story.exchanges] for story in stories_of_jobs(whole(*rows))}
    assert told == {"j1": [1, 3, 7], "j2": [2], "x y": [6]}


def test_a_story_is_whole_where_its_beginning_is_there() -> None:
    """A journal that dropped something may lack a job's beginning, but not of a job whose start it has."""
    rows = [poll(0, "pending"), start(1, job="j2"), poll(2, "pending", job="j2")]
    assert [story.whole for story in stories_of_jobs(whole(*rows))] == [True, True]
    assert [story.whole for story in stories_of_jobs(whole(*rows, dropped=1))] == [False, True]


def test_ends_and_rounds() -> None:
    """A continuation begins a new round; from each end on, reads belong to it until the job runs again."""
    rows = [
        start(0), poll(5, "completed"), page(6, 1), change(7, "cancel", 409), change(8, "more"), poll(9, "pending"),
        poll(14, "completed"), poll(19, "processing"), poll(24, "error", lost=True), poll(29, "error"), poll(34, 503),
    ]  # fmt: skip
    story, = stories_of_jobs(whole(*rows))  # fmt: skip
    assert numbers(story.rounds) == [[1, 2, 3, 4], [5, 6, 7, 8, 9, 10, 11]]
    assert numbers(story.ends) == [[2, 3], [7], [10, 11]]


@pytest.mark.parametrize(
    ("row", "true"),
    [
        (poll(0, "pending"), {"delivered", "runs"}),
        (poll(0, "completed"), {"delivered", "ends", "succeeds"}),
        (poll(0, "cancelled"), {"delivered", "ends"}),
        (poll(0, "reranking"), {"delivered", "puzzles"}),
        (poll(0, "not_found", status=404), {"delivered", "failed", "refused"}),
        (poll(0, 503), {"delivered", "failed"}),
        (poll(0, "completed", lost=True), set()),
        (poll(0, 404, lost=True), set()),
        (poll(0, "completed", **DOUBT), {"doubtful"}),
        (start(0), {"delivered"}),
    ],
)
def test_what_an_answer_told(row: Row, true: set[str]) -> None:
    """What was lost told nothing; a doubtful answer neither; every other says one thing."""
    story = whole(row)
    kinds = ("delivered", "doubtful", "ends", "succeeds", "runs", "puzzles", "refused", "failed")
    assert {kind for kind in kinds if getattr(story.answers, kind)(story.exchanges[0])} == true


@pytest.mark.parametrize("api", apis.names())
def test_every_api_has_one_success(api: str) -> None:
    """The end that shows everything is found in each API's own table."""
    told = apis.load(api)
    assert {status for status in told.terminal if told.shows[status] == "all"} == {"completed"}


def test_a_request_without_a_job() -> None:
    """A path without a job names none."""
    assert job_of(whole(start(0, 402)).exchanges[0], apis.load("clado")) is None


@pytest.mark.parametrize(("text", "expected"), [("", []), ("x", [(0, 1)]), ("-xx-x", [(1, 3), (4, 5)]), ("--", [])])
def test_runs(text: str, expected: list[tuple[int, int]]) -> None:
    """Rows of neighbours are as long as they can be."""
    rows = [poll(at, 200 if sign == "-" else 503) for at, sign in enumerate(text)]
    assert list(runs(whole(*rows).exchanges, lambda exchange: exchange.status == 503)) == expected


@pytest.mark.parametrize(
    ("nanoseconds", "said"),
    [(0, "0 s"), (2_000_000, "0.002 s"), (7_000_000_000, "7 s"), (86_405_000_000_001, "86405 s")],
)
def test_seconds(nanoseconds: int, said: str) -> None:
    """Times are told in seconds, to the millisecond."""
    assert seconds(nanoseconds) == said
