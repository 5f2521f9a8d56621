"""A job that the server loses to make room: its answers, its journal, and what the rules say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support import EPOCH, JOBS, KEYS, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.lost_jobs import CLOSED
from jobmock.engine.namespace import Namespaces
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


@pytest.mark.parametrize("api", OTHER)
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


@pytest.mark.parametrize("api", OTHER)
def test_own_closed_job_is_no_foreign_one(catalogue: Catalogue, api: str) -> None:
    """A closed job of this key is 404 even if another key has a job of the same id."""
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=2)))
    for key in (KEYS[api], OTHER[api]):
        mock.service.place(mock.namespace(api, key), catalogue.plan(f"{api}/usual"), "same")
    mock.namespace(api, f"{OTHER[api]}2")
    mock.namespace(api, OTHER[api])
    assert mock.send("GET", f"{JOBS[api]}/same", key=KEYS[api]).status == 404
    assert last_note(mock, api) == CLOSED
