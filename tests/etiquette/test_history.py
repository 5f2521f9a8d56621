"""The history of each job: which requests belong to it, and which answers arrived."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api_facts import OWN
from tests.etiquette.journals import DOUBT, Row, change, journal, page, poll, start

from jobmock import apis
from jobmock.etiquette import RuleSettings
from jobmock.etiquette.evidence import seconds_text
from jobmock.etiquette.history import History, client_history, job_histories, streaks
from jobmock.etiquette.subjects import job_of


def whole(*rows: Row, dropped: int = 0) -> History:
    return client_history(journal(*rows, dropped=dropped), apis.load("clado"), RuleSettings())


def numbers(lists: list[list[Any]]) -> list[list[int]]:
    return [[exchange.number for exchange in exchanges] for exchanges in lists]


def test_each_job_has_a_history() -> None:
    """Starts, polls and changes of one job belong together; what names no job, or another API's, belongs to none."""
    rows = [
        start(0), start(1, job="j2"), poll(2, "pending"), start(3, 402), {**poll(4, 404), "api": "orbit"},
        poll(5, 404, job=None, path="/api/search/deep_research/x%20y"), change(6, "more"),
    ]  # fmt: skip
    histories = job_histories(whole(*rows))
    found = {history.job: [exchange.number for exchange in history.exchanges] for history in histories}
    assert found == {"j1": [1, 3, 7], "j2": [2], "x y": [6]}


def test_a_history_is_complete_if_it_has_its_beginning() -> None:
    """A journal that dropped something may lack a job's beginning, but not of a job whose start it has."""
    rows = [poll(0, "pending"), start(1, job="j2"), poll(2, "pending", job="j2")]
    assert [history.complete for history in job_histories(whole(*rows))] == [True, True]
    assert [history.complete for history in job_histories(whole(*rows, dropped=1))] == [False, True]


def test_ends_and_rounds() -> None:
    """A continuation begins a new round; from each end on, reads belong to it until the job runs again."""
    rows = [
        start(0), poll(5, "completed"), page(6, 1), change(7, "cancel", 409), change(8, "more"), poll(9, "pending"),
        poll(14, "completed"), poll(19, "processing"), poll(24, "error", lost=True), poll(29, "error"), poll(34, 503),
    ]  # fmt: skip
    history, = job_histories(whole(*rows))  # fmt: skip
    assert numbers(history.rounds) == [[1, 2, 3, 4], [5, 6, 7, 8, 9, 10, 11]]
    assert numbers(history.reads_after_ends) == [[2, 3], [7], [10, 11]]


@pytest.mark.parametrize(
    ("row", "true"),
    [
        (poll(0, "pending"), {"is_delivered", "is_accepted", "is_running"}),
        (poll(0, "completed"), {"is_delivered", "is_accepted", "is_end", "is_success"}),
        (poll(0, "cancelled"), {"is_delivered", "is_accepted", "is_end"}),
        (poll(0, "reranking"), {"is_delivered", "is_accepted", "is_unknown_status"}),
        (poll(0, "not_found", status=404), {"is_delivered", "is_error", "is_refusal"}),
        (poll(0, 503), {"is_delivered", "is_error", "is_temporary_failure"}),
        (poll(0, 503, retry=9), {"is_delivered", "is_error"}),
        (poll(0, "completed", lost=True), {"is_unread"}),
        (poll(0, 404, lost=True, fault="disconnect reset"), {"is_unread", "is_temporary_failure"}),
        (poll(0, "completed", **DOUBT), {"is_doubtful"}),
        (start(0), {"is_delivered", "is_accepted"}),
    ],
)
def test_what_an_answer_shows(row: Row, true: set[str]) -> None:
    """A lost or doubtful answer shows the client nothing; every other shows one thing."""
    history = whole(row)
    names = [name for name in dir(history.answers) if name.startswith("is_")]
    assert {name for name in names if getattr(history.answers, name)(history.exchanges[0])} == true


@pytest.mark.parametrize("api", OWN)
def test_every_api_has_one_success(api: str) -> None:
    """The end that shows everything is found in each API's own table."""
    dialect = apis.load(api)
    assert {status for status in dialect.terminal if dialect.shows[status] == "all"} == {"completed"}


def test_a_request_without_a_job() -> None:
    """A path without a job names none."""
    assert job_of(whole(start(0, 402)).exchanges[0], apis.load("clado")) is None


@pytest.mark.parametrize(("text", "expected"), [("", []), ("x", [(0, 1)]), ("-xx-x", [(1, 3), (4, 5)]), ("--", [])])
def test_runs(text: str, expected: list[tuple[int, int]]) -> None:
    """Each streak is as long as possible."""
    rows = [poll(at, 200 if sign == "-" else 503) for at, sign in enumerate(text)]
    assert list(streaks(whole(*rows).exchanges, lambda exchange: exchange.status == 503)) == expected


@pytest.mark.parametrize(
    ("nanoseconds", "said"),
    [(0, "0 s"), (2_000_000, "0.002 s"), (7_000_000_000, "7 s"), (86_405_000_000_001, "86405 s")],
)
def test_seconds(nanoseconds: int, said: str) -> None:
    """Durations are written in seconds, to the millisecond."""
    assert seconds_text(nanoseconds) == said
