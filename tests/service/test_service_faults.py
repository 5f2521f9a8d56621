"""Faults that the service itself plays: garbled answers, scripted refusals, and which of them count as a poll."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support import JOBS, KEYS, STARTS, Mock, json_of, scenario

from jobmock.models import Reply

NANOSECONDS = 10**9
FIRST = {"clado": "pending", "orbit": "running"}
SECOND = {"clado": "searching", "orbit": "generating_sections"}


def play(mock: Mock, api: str, *faults: Any) -> str:
    """Start a job that moves on at its first poll, which meets the faults."""
    script = [{"when": {"request": 1}, **fault} for fault in faults]
    return mock.play(api, scenario(api, FIRST[api], SECOND[api], "completed", faults=script))


def whole(mock: Mock, api: str, job: str) -> bytes:
    """Return the answer that the job's first poll has without a fault."""
    twin = mock.play(api, scenario(api, FIRST[api], SECOND[api], "completed"))
    body = json_of(mock.poll(api, twin))
    run = mock.namespace(api).jobs[job].facts.get("run_id")
    changed = {"job_id": job} if api == "clado" else {"request_id": job, "run_id": run}
    return json.dumps({**body, **changed}, separators=(",", ":")).encode()


def header(reply: Reply, name: bytes) -> bytes:
    (value,) = (value for own, value in reply.headers if own == name)
    return value


@pytest.mark.parametrize("api", FIRST)
def test_truncated_json(mock: Mock, api: str) -> None:
    """`truncated_json` sends the first half of the JSON with the right length: HTTP is whole, the JSON isn't."""
    job = play(mock, api, {"corrupt": "truncated_json"})
    reply, body = mock.poll(api, job), whole(mock, api, job)
    assert reply.status == 200 and reply.body == body[: len(body) // 2]
    assert header(reply, b"content-length") == b"%d" % len(reply.body)
    assert header(reply, b"content-type") == b"application/json" and reply.fault is None
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)


@pytest.mark.parametrize("api", FIRST)
def test_empty_body(mock: Mock, api: str) -> None:
    """`empty_body` is a 200 of length 0."""
    reply = mock.poll(api, play(mock, api, {"corrupt": "empty_body"}))
    assert (reply.status, reply.body, header(reply, b"content-length"), reply.fault) == (200, b"", b"0", None)


@pytest.mark.parametrize("api", FIRST)
def test_wrong_content_type(mock: Mock, api: str) -> None:
    """`wrong_content_type` sends the whole JSON as HTML, with a single Content-Type header."""
    job = play(mock, api, {"corrupt": "wrong_content_type"})
    reply = mock.poll(api, job)
    assert reply.status == 200 and reply.body == whole(mock, api, job)
    assert header(reply, b"content-type") == b"text/html; charset=utf-8"


@pytest.mark.parametrize("api", FIRST)
@pytest.mark.parametrize(
    "corrupt", ["truncated_json", "empty_body", "wrong_content_type"]
)
def test_a_garbled_start_has_started(mock: Mock, api: str, corrupt: str) -> None:
    """A start with a garbled answer has made its job all the same."""
    faults = [{"operation": "start", "when": {"request": 1}, "corrupt": corrupt}]
    namespace = mock.namespace(api)
    namespace.use(mock.service.catalogue.resolve(scenario(api, FIRST[api], faults=faults), api))
    reply = mock.send("POST", JOBS[api], key=KEYS[api], body=STARTS[api])
    usual = {"clado": 200, "orbit": 202}[api]
    assert reply.status == (200 if corrupt == "empty_body" else usual) and len(namespace.jobs) == 1


BREAKING: list[dict[str, Any]] = [
    {"corrupt": "truncated_json"},
    {"corrupt": "empty_body"},
    {"corrupt": "wrong_content_type"},
    {"corrupt": "short_body"},
    {"corrupt": "garbage"},
    {"disconnect": "before_response"},
    {"disconnect": "reset"},
    {"disconnect": "mid_body"},
    {"hang": True},
    {"drip": {"bytes": 1, "every": "1s"}},
    {"delay": "9s"},
    {"delay": "9s", "corrupt": "empty_body"},
]
REFUSING: list[dict[str, Any]] = [
    {"respond": "rate_limited"},
    {"respond": "unavailable"},
    {"respond": {"status": 200, "body": {}}},
    {"respond": {"status": 404}},
    {"respond": "server_error", "delay": "9s"},
]


def label(fault: Any) -> str:
    return json.dumps(fault).translate({ord(mark): None for mark in '{}" '})


@pytest.mark.parametrize("api", FIRST)
@pytest.mark.parametrize("fault", BREAKING, ids=label)
def test_a_broken_answer_is_a_poll(mock: Mock, api: str, fault: Any) -> None:
    """An answer that is lost, cut, garbled or late counts: the server did the work, so the job moved."""
    job = play(mock, api, fault)
    mock.poll(api, job)
    assert mock.namespace(api).jobs[job].polls == 1
    assert json_of(mock.poll(api, job))["status"] == SECOND[api]


@pytest.mark.parametrize("api", FIRST)
@pytest.mark.parametrize("fault", REFUSING, ids=label)
def test_a_scripted_refusal_is_no_poll(mock: Mock, api: str, fault: Any) -> None:
    """A `respond` comes before the job, so the job doesn't move, for any status."""
    job = play(mock, api, fault)
    mock.poll(api, job)
    assert mock.namespace(api).jobs[job].polls == 0
    assert json_of(mock.poll(api, job))["status"] == FIRST[api]


@pytest.mark.parametrize("fault", [fault for fault in BREAKING if "delay" not in fault], ids=label)
def test_the_journal_names_the_fault(mock: Mock, fault: Any) -> None:
    """The journal says which fault an exchange met, and which step answered it."""
    job = play(mock, "clado", fault)
    mock.poll("clado", job)
    *_, last = mock.namespace("clado").journal
    kind, how = next(iter(fault.items()))
    assert last.fault == (f"{kind} {how}" if isinstance(how, str) else kind) and last.step == 1


def test_the_journal_has_the_status_that_was_sent(mock: Mock) -> None:
    """The journal's status is the one on the wire."""
    faults = [{"operation": "start", "when": {"request": 1}, "corrupt": "empty_body"}]
    mock.namespace("orbit").use(mock.service.catalogue.resolve(scenario("orbit", "running", faults=faults), "orbit"))
    reply = mock.send("POST", JOBS["orbit"], key=KEYS["orbit"], body=STARTS["orbit"])
    *_, last = mock.namespace("orbit").journal
    assert last.status == reply.status == 200


@pytest.mark.parametrize(("status", "query"), [(422, "page=x"), (400, "page=0")])
def test_a_refused_query_is_no_poll_though_its_answer_breaks(mock: Mock, status: int, query: str) -> None:
    """A garbled refusal is still a refusal: the request counts for faults, not as a poll."""
    job = play(mock, "clado", {"corrupt": "truncated_json"})
    reply = mock.poll("clado", job, query=query)
    assert reply.status == status and mock.namespace("clado").jobs[job].polls == 0
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)
    assert json_of(mock.poll("clado", job))["status"] == "pending"


def test_a_limited_request_meets_no_fault(mock: Mock) -> None:
    """A request over its limit is refused before the scripted faults, and isn't counted for them."""
    faults = [{"operation": "start", "when": {"request": 2}, "corrupt": "empty_body"}]
    limits = {"start": {"requests": 1, "seconds": 60}}
    plan = scenario("clado", "pending", faults=faults, limits=limits)
    mock.namespace("clado").use(mock.service.catalogue.resolve(plan, "clado"))
    replies = [mock.send("POST", JOBS["clado"], key=KEYS["clado"], body=STARTS["clado"]) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 429, 429] and b"" not in [reply.body for reply in replies]
    mock.advance(60)
    assert mock.send("POST", JOBS["clado"], key=KEYS["clado"], body=STARTS["clado"]).body == b""


def test_a_changed_answer_is_the_apis_own_in_all_else(mock: Mock) -> None:
    """`change` sets the status, headers and places of the API's own answer. The request is carried out as ever."""
    change = {"status": 201, "headers": {"Content-Type": "text/plain"}, "set": {"/status": "new"}, "omit": ["/message"]}
    faults = [{"operation": "start", "when": {"request": 1}, "change": change, "delay": 2}]
    mock.namespace("clado").use(mock.service.catalogue.resolve(scenario("clado", "pending", faults=faults), "clado"))
    reply = mock.send("POST", JOBS["clado"], key=KEYS["clado"], body=STARTS["clado"])
    job = json_of(reply)["job_id"]
    assert (reply.status, json_of(reply)) == (201, {"job_id": job, "status": "new"})
    assert header(reply, b"content-type") == b"text/plain"
    assert header(reply, b"content-length") == b"%d" % len(reply.body)
    assert reply.due == mock.namespace("clado").clock.now() + 2 * NANOSECONDS
    *_, last = mock.namespace("clado").journal
    assert (last.status, last.fault) == (201, "change")
    assert json_of(mock.poll("clado", job))["status"] == "pending"


def test_people_are_changed_in_one_answer_alone(mock: Mock) -> None:
    """A change of the people in one answer leaves those of the others as they are, though answers are cached."""
    change = {"set": {"/results/*/profile/headline": None}}
    plan = scenario("clado", "completed", faults=[{"when": {"request": 2}, "change": change}])
    job = mock.play("clado", plan)
    shown = [json_of(mock.poll("clado", job))["results"] for _ in range(3)]
    assert [[one["profile"]["headline"] for one in people] for people in shown][1] == [None] * 3
    assert shown[0] == shown[2] != shown[1]


@pytest.mark.parametrize(
    ("operation", "status", "wait"), [("status", 200, 7), ("status", 202, 7), ("start", 202, None), ("start", 429, 7)]
)
def test_retry_after_of_a_success(mock: Mock, operation: str, status: int, wait: int | None) -> None:
    """A poll's Retry-After counts at any status. That of an accepted start doesn't: it is for the first poll."""
    respond = {"status": status, "body": {}, "headers": {"Retry-After": "7"}}
    faults = [{"operation": operation, "when": {"every": 1}, "respond": respond}]
    played = scenario("clado", "completed", faults=faults)
    space = mock.namespace("clado")
    space.use(mock.service.catalogue.resolve(played, "clado"))
    job = mock.service.place(space, mock.service.catalogue.resolve(played, "clado")).id
    begun = space.clock.now()
    sent = mock.poll("clado", job) if operation == "status" else mock.send("POST", JOBS["clado"], key=KEYS["clado"])
    last = list(space.journal)[-1]
    assert (sent.status, last.status) == (status, status)
    assert last.retry == (None if wait is None else begun + wait * NANOSECONDS)
