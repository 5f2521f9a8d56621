"""Successive answers about one job are compared, but only within one source."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support import JOBS

from jobmock.checking.check import Check
from jobmock.checking.exchange import LiveExchange
from jobmock.checking.job_answers import GROUPS
from jobmock.checking.sequence_rules import MOST_IN_GROUP

from .exchanges import checked, clado, exchange, page, person, status


@pytest.mark.parametrize("became", [{"status": 0}, {"unread": "body not recorded"}])
def test_more_without_a_known_answer_may_reopen_the_job(became: dict[str, Any]) -> None:
    """After a `more` without a known answer the job may run again, because the `more` may have been done."""
    more = exchange(f"{JOBS['clado']}/j/more", {}, method="POST", number=1, **became)
    report = checked([clado(status("completed")), more, clado(status("searching"), number=2)])
    assert (report.rows, report.judged) == ([], {"clado status": 2})


def test_number_of_jobs_is_limited() -> None:
    """At most 12 jobs of each of 64 groups are kept; the longest without an answer is forgotten first."""
    check, many = Check(), 2 * GROUPS * MOST_IN_GROUP

    def ask(job: int, word: str) -> list[str]:
        body = {**status(word), "job_id": str(job)}
        one = LiveExchange(at=0, method="GET", path=f"/api/search/deep_research/{job}", status=200,
                           body=json.dumps(body).encode())  # fmt: skip
        return [violation.rule for violation in check.judge(one)]

    for job in range(many):
        assert ask(job, "completed") == []
    assert ask(many - 1, "pending") == ["transition-illegal"]
    assert ask(0, "pending") == []


def test_one_person_on_two_pages() -> None:
    """A person is known by the id, also if the record differs; a record without an id is compared as a whole."""
    nameless = {"profile": {key: value for key, value in person(1)["profile"].items() if key != "id"}}
    other = {"profile": {**nameless["profile"], "headline": "Baker"}}
    for first, second, overlaps in (
        (person(1), person(1, headline="Baker"), True), (person(1), person(3), False), (nameless, nameless, True),
        (nameless, other, False),
    ):  # fmt: skip
        pages = [{**page(1, 4), "results": [first, person(0)]}, {**page(2, 4), "results": [person(2), second]}]
        sent = [clado(body, query=f"page={at + 1}&page_size=2", number=at) for at, body in enumerate(pages)]
        assert ("page-overlap" in {row.violation.rule for row in checked(sent).rows}) is overlaps
