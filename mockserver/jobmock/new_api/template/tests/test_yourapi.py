"""The API is played as its schemas say, and the client of `yourapi_client` gets along with it."""

from __future__ import annotations

import httpx
import pytest
from jobmock_yourapi import API, BODIES, tables
from yourapi_client import BODY, start, wait_for

from jobmock.live import validating_transport
from jobmock.strategies import assert_client_survives

ERRORS = [(operation, error) for operation in ("start", "status") for error, (status, _) in API.errors.items()
          if status in API.operation_named(operation).replies]  # fmt: skip
"""The name of an operation, and of an error that it may answer."""

SUCCESS = {"version": 1, "api": "yourapi",
           "progression": [{"status": next(one for one in API.terminal if API.is_success(one))}]}  # fmt: skip
"""A scenario whose jobs are a success from the beginning."""


def send(mock, operation, job=""):
    """Send one request. Raises ContractViolation for an answer that breaks its schema."""
    transport = validating_transport(httpx.HTTPTransport(), api="yourapi")
    headers = [*API.credential.headers(mock.api_key)]
    with httpx.Client(base_url=mock.url, transport=transport, headers=headers) as client:
        body = BODY if operation == "start" else None
        return client.request(API.operation_named(operation).method, API.path_of(operation, job), json=body)


@pytest.mark.jobmock("yourapi/usual")
def test_the_client_waits_for_a_success(yourapi_mock):
    """A job is started and polled to its end, and no rule is broken."""
    body = wait_for(yourapi_mock.url, yourapi_mock.api_key, start(yourapi_mock.url, yourapi_mock.api_key))
    assert API.is_success(API.status_in(body))
    yourapi_mock.verify(returned=body)


def test_a_start_obeys_its_schema(yourapi_mock):
    """The answer to a start is as the schema says."""
    assert send(yourapi_mock, "start").status_code == tables.STARTED


@pytest.mark.parametrize("status", tables.TRANSITIONS)
def test_each_status_obeys_its_schema(yourapi_mock, status):
    """The answer to a poll of a job in each status is as the schema says."""
    played = yourapi_mock.play({"version": 1, "api": "yourapi", "progression": [{"status": status}]})
    assert API.status_in(send(yourapi_mock, "status", played.id).json()) == status


@pytest.mark.parametrize(("operation", "error"), ERRORS)
def test_each_error_obeys_its_schema(yourapi_mock, operation, error):
    """The body of each error that an operation lists is as the schema says."""
    fault = {"operation": operation, "when": {"request": 1}, "respond": error}
    last = list(tables.TRANSITIONS)[-1]
    played = yourapi_mock.play({"version": 1, "api": "yourapi", "progression": [{"status": last}], "faults": [fault]})
    assert send(yourapi_mock, operation, played.id).status_code == API.errors[error][0]


def test_each_other_answer_obeys_its_schema(yourapi_mock):
    """The answer of each other operation is as the schema says. The job is a success, but for one that is cancelled."""
    for name, (status, _) in BODIES["others"].items():
        job = yourapi_mock.play("yourapi/usual" if name == "cancel" else SUCCESS).id
        assert send(yourapi_mock, name, job).status_code == status


@pytest.mark.skipif(not tables.CANCELLED, reason="The API cancels no jobs.")
def test_a_cancelled_job_is_over(yourapi_mock):
    """A job that is cancelled says so from then on."""
    job = yourapi_mock.play("yourapi/usual").id
    send(yourapi_mock, "cancel", job)
    assert API.status_in(send(yourapi_mock, "status", job).json()) == tables.CANCELLED


def test_the_client_survives_every_behaviour():
    """Whatever scenario jobmock draws, the client gets along with it."""
    assert_client_survives(wait_for, api="yourapi", max_examples=25)
