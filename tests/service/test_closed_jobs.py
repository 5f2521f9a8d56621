"""A job that the server loses to make room: its answers, its journal, and what the rules say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support import EPOCH, JOBS, KEYS, Mock

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine import job_index, job_room
from jobmock.engine.lost_jobs import CLOSED, DROPPED
from jobmock.engine.namespace import Namespaces
from jobmock.etiquette import judge
from jobmock.service.service import Service

OTHER = {"clado": "lk_other", "orbit": "sk_orb_other"}


@pytest.fixture
def small(catalogue: Catalogue) -> Mock:
    """A mock that holds one namespace."""
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=1)))


def closed_job(mock: Mock, api: str) -> str:
    """Start a job, and open the namespace of another key; return the job."""
    job = mock.start(api)
    mock.namespace(api, OTHER[api])
    return job


def last_note(mock: Mock, api: str) -> str | None:
    return last_note_of(mock, api, KEYS[api])


def last_note_of(mock: Mock, api: str, key: str) -> str | None:
    return list(mock.namespace(api, key).journal)[-1].note


@pytest.mark.parametrize("api", KEYS)
def test_answer_is_the_one_for_an_unknown_job(small: Mock, api: str) -> None:
    """The status, the body and the headers are those of a job that never was, but the journal says what happened."""
    job = closed_job(small, api)
    gone, gone_note = small.send("GET", f"{JOBS[api]}/{job}", key=KEYS[api]), last_note(small, api)
    never, never_note = small.send("GET", f"{JOBS[api]}/{'0' * len(job)}", key=KEYS[api]), last_note(small, api)
    assert gone.status == never.status == 404 and gone.headers == never.headers
    assert _without_ids(gone.body, job) == _without_ids(never.body, "0" * len(job))
    assert (gone_note, never_note) == (CLOSED, None)


def _without_ids(body: bytes, job: str) -> Any:
    """Return a body without the job's id and without ids that each answer has for itself."""
    data = json.loads(body.replace(job.encode(), b""))
    return {name: value for name, value in data.items() if name not in ("requestId", "request_id")}


@pytest.mark.parametrize("api", KEYS)
def test_own_closed_job_is_no_foreign_one(catalogue: Catalogue, api: str) -> None:
    """A closed job of this key is 404 even if another key has a job of the same id."""
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=2)))
    for key in (KEYS[api], OTHER[api]):
        mock.service.place(mock.namespace(api, key), catalogue.plan(f"{api}/usual"), "same")
    mock.namespace(api, f"{OTHER[api]}2")
    mock.namespace(api, OTHER[api])
    assert mock.send("GET", f"{JOBS[api]}/same", key=KEYS[api]).status == 404
    assert last_note(mock, api) == CLOSED


@pytest.mark.parametrize("outcome", [None, "raised", "returned"])
@pytest.mark.parametrize("api", KEYS)
def test_client_is_not_blamed(small: Mock, api: str, outcome: str | None) -> None:
    """Whatever the client does with a job that the server closed, there is no finding, unlike for an unknown job."""
    job = closed_job(small, api)
    for path, rules in ((job, set()), ("unknown", {"polls-after-refusal"})):
        for _ in range(9):
            small.send("GET", f"{JOBS[api]}/{path}", key=KEYS[api])
            small.namespace(api).clock.advance(5 * SECOND)
        verdict = judge(small.namespace(api).journal, apis.load(api), outcome=outcome, job=outcome and path)
        found = {finding.rule for finding in verdict.findings}
        assert found - {"error-as-result"} == rules
        assert ("error-as-result" in found) is (path == "unknown" and outcome == "returned")


@pytest.mark.parametrize("api", KEYS)
def test_journal_counts_what_went(small: Mock, api: str) -> None:
    """The key's new journal goes on counting, and says under `dropped` how many exchanges went."""
    job = small.start(api)
    small.poll(api, job)
    small.namespace(api, OTHER[api])
    small.send("GET", f"{JOBS[api]}/{job}", key=KEYS[api])
    journal = small.namespace(api).journal
    assert (journal.dropped, [exchange.number for exchange in journal]) == (2, [3])


@pytest.fixture
def narrow(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """A mock whose namespaces hold one job."""
    monkeypatch.setattr(job_room, "MAX_JOBS", 1)
    return mock


@pytest.mark.parametrize("api", KEYS)
def test_a_dropped_job_is_noted(narrow: Mock, api: str) -> None:
    """The answer about a job that its namespace dropped is that for an unknown job, and the journal says why."""
    job = narrow.start(api)
    narrow.start(api)
    gone, note = narrow.send("GET", f"{JOBS[api]}/{job}", key=KEYS[api]), last_note(narrow, api)
    never = narrow.send("GET", f"{JOBS[api]}/{'0' * len(job)}", key=KEYS[api])
    assert (gone.status, note, last_note(narrow, api)) == (never.status, DROPPED, None) and never.status == 404
    narrow.namespace(api, OTHER[api])
    narrow.send("GET", f"{JOBS[api]}/{job}", key=OTHER[api])
    assert last_note_of(narrow, api, OTHER[api]) is None
    narrow.namespace(api).reset()
    narrow.send("GET", f"{JOBS[api]}/{job}", key=KEYS[api])
    assert last_note(narrow, api) is None


@pytest.mark.parametrize("outcome", [None, "raised", "returned"])
@pytest.mark.parametrize("api", KEYS)
def test_client_is_not_blamed_for_a_dropped_job(narrow: Mock, api: str, outcome: str | None) -> None:
    """Whatever the client does with a job that its namespace dropped, there is no finding about it."""
    job = narrow.start(api)
    narrow.start(api)
    for _ in range(5):
        narrow.send("GET", f"{JOBS[api]}/{job}", key=KEYS[api])
        narrow.namespace(api).clock.advance(5 * SECOND)
    verdict = judge(narrow.namespace(api).journal, apis.load(api), outcome=outcome, job=outcome and job)
    assert [finding.rule for finding in verdict.findings if finding.job == job] == []


@pytest.mark.parametrize("api", KEYS)
def test_memory_of_dropped_jobs_is_bounded(narrow: Mock, monkeypatch: pytest.MonkeyPatch, api: str) -> None:
    """The newest dropped jobs are remembered, up to a bound."""
    monkeypatch.setattr(job_index, "MAX_DROPPED", 3)
    jobs = [narrow.start(api) for _ in range(6)]
    lost = [narrow.namespace(api).why_lost(job) for job in jobs]
    assert lost == [None, None, DROPPED, DROPPED, DROPPED, None]
