"""Every request passes the same stages: their order, polls, faults, limits, keys, and the journal."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support import EPOCH, JOBS, KEYS, STARTS, Mock, examples, json_of, scenario

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.catalogue.explain_scenario import explain
from jobmock.clock import SECOND, Clock
from jobmock.contract import documents
from jobmock.dialect.request_context import new_job
from jobmock.engine.jobs import Job
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan, State
from jobmock.engine.progression import plan as planned
from jobmock.errors import Origin, Problem, ScenarioError
from jobmock.models import Limit, Reply
from jobmock.service.body_limits import MAX_BODY, MAX_BRACKETS
from jobmock.service.service import Service

BASE = "https://jobmock.invalid/schemas/"
FIRST = {"clado": "pending", "orbit": "running"}
HUGE = b"x" * (MAX_BODY + 1)


@cache
def validator(name: str) -> Any:
    """Return a fast validator of a document, with every reference resolved among the documents."""
    registry = jsonschema_rs.Registry([(BASE + other, dict(documents.document(other))) for other in documents.names()])
    return jsonschema_rs.validator_for({"$ref": BASE + name}, registry=registry)


def header(reply: Reply, name: bytes) -> bytes | None:
    return dict(reply.headers).get(name)


def use(mock: Mock, api: str, plan: Any, key: str | None = None) -> None:
    mock.namespace(api, key).use(mock.service.catalogue.resolve(plan, api))


def fresh(catalogue: Catalogue, **more: Any) -> Mock:
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)), **more))


def job_of(mock: Mock, api: str, job: str, key: str | None = None) -> Job:
    return mock.namespace(api, key).jobs[job]


def faulty(mock: Mock, api: str, *faults: dict[str, Any], **more: Any) -> str:
    return mock.play(api, scenario(api, FIRST[api], faults=list(faults), **more))


def statuses(mock: Mock, api: str, job: str, times: int) -> list[int]:
    return [mock.poll(api, job).status for _ in range(times)]


# --- the order of stages -------------------------------------------------------------------------------------------

EVERY = {"when": {"every": 1}}
DOWN = {**EVERY, "respond": "server_error"}
NO_MORE = {"status": {"requests": 1, "seconds": 3600}, "start": {"requests": 1, "seconds": 3600}}


@pytest.mark.parametrize(
    ("api", "plan", "request_", "status"),
    [
        ("clado", {}, ("POST", "/nothing", "", HUGE, None), 404),
        ("orbit", {}, ("POST", "/v2/nothing", "", HUGE, "x"), 404),
        ("clado", {}, ("PUT", "", "", HUGE, None), 405),
        ("orbit", {}, ("DELETE", "/{job}", "", None, "sk_orb_revoked"), 405),
        ("clado", {}, ("POST", "", "", HUGE, None), 413),
        ("orbit", {}, ("POST", "", "", HUGE, "sk_orb_noscope"), 413),
        ("clado", {}, ("GET", "/nobody's", "page=abc", None, "lk_revoked"), 401),
        ("clado", {}, ("GET", "/nobody's", "page=abc", None, "lk_x--nowhere"), 401),
        ("orbit", {}, ("POST", "", "", b"{", "sk_orb_noscope"), 403),
        ("clado", {"limits": NO_MORE}, ("GET", "/nobody's", "page=abc", None, ""), 429),
        ("orbit", {"limits": NO_MORE}, ("GET", "/nobody's", "", None, ""), 429),
        ("orbit", {"limits": NO_MORE, "faults": [{**DOWN, "operation": "start"}]}, ("POST", "", "", b"{", ""), 429),
        ("clado", {"faults": [DOWN]}, ("GET", "/nobody's", "page=abc", None, ""), 404),
        ("orbit", {"faults": [DOWN]}, ("GET", "/nobody's", "", None, ""), 404),
        ("clado", {"faults": [DOWN]}, ("GET", "/{job}", "page=abc", None, ""), 500),
        ("clado", {"faults": [{**DOWN, "operation": "start"}]}, ("POST", "", "", b"{", ""), 500),
        ("orbit", {"faults": [{**DOWN, "operation": "start"}]}, ("POST", "", "", b"{", ""), 500),
        ("orbit", {}, ("POST", "", "", {"requestId": "r", "email": "bad"}, ""), 400),
        ("orbit", {}, ("POST", "", "", {"requestId": "r", "email": "other@mail.invalid"}, ""), 409),
    ],
)
def test_the_earlier_stage_answers(
    mock: Mock, api: str, plan: dict[str, Any], request_: tuple[str, str, str, Any, str | None], status: int
) -> None:
    """A request that two stages would refuse gets the earlier one's answer: route, size, key, scenario of the key,
    limit, job, scripted refusal, query or body, idempotency."""
    method, path, query, body, key = request_
    job = mock.start(api, body={**STARTS[api], "requestId": "r"})
    mock.poll(api, job)
    use(mock, api, scenario(api, FIRST[api], **plan))
    job_of(mock, api, job).plan = mock.service.catalogue.resolve(scenario(api, FIRST[api], **plan), api)
    if "limits" in plan:
        mock.send("GET", f"{JOBS[api]}/{job}", key=KEYS[api])
        mock.send("POST", JOBS[api], key=KEYS[api], body=b"{")
    path = path if "nothing" in path else JOBS[api] + path.format(job=job)
    reply = mock.send(method, path, key=KEYS[api] if key == "" else key, query=query, body=body)
    assert reply.status == status, reply.body


@pytest.mark.parametrize(("query", "faults", "polls"), [
    ("", [], 1),
    ("page=1", [], 1),
    ("page=9&page_size=100", [], 1),
    ("legacy=false", [], 1),
    ("", [{**EVERY, "delay": "2s"}], 1),
    ("", [{**EVERY, "disconnect": "reset"}], 1),
    ("", [{**EVERY, "corrupt": "truncated_json"}], 1),
    ("page=0", [], 0),
    ("page=abc", [], 0),
    ("legacy=x", [], 0),
    ("", [{**EVERY, "respond": "rate_limited"}], 0),
    ("", [{**EVERY, "respond": {"status": 200, "body": {}}}], 0),
])  # fmt: skip
def test_what_counts_as_a_poll(mock: Mock, query: str, faults: list[Any], polls: int) -> None:
    """A status request that got past every refusal is a poll, also a page read and one whose answer is lost."""
    job = mock.play("clado", scenario("clado", "pending", "searching", faults=faults))
    mock.poll("clado", job, query=query)
    assert job_of(mock, "clado", job).polls == polls and job_of(mock, "clado", job).state.step == polls


def test_refusals_by_key_and_limit_are_no_polls(mock: Mock) -> None:
    """A poll without a key, with another key, or over the limit doesn't move the job."""
    limits = {"status": {"requests": 1, "seconds": 60}}
    job = mock.play("clado", scenario("clado", "pending", "searching", "processing", "completed", limits=limits))
    path = f"{JOBS['clado']}/{job}"
    replies = [mock.send("GET", path), mock.poll("clado", job, "lk_revoked"), mock.poll("clado", job, "lk_other")]
    assert [reply.status for reply in replies] == [401, 401, 403]
    assert job_of(mock, "clado", job).state == State(0, EPOCH)
    assert statuses(mock, "clado", job, 4) == [200, 429, 429, 429]
    assert job_of(mock, "clado", job).polls == 1 and job_of(mock, "clado", job).state == State(1, EPOCH)


def test_time_runs_from_the_start_not_from_the_first_poll(mock: Mock) -> None:
    """A time step ends at exactly its seconds after the start, and one poll may pass several."""
    steps = [{"status": name, "after": {"seconds": 10}} for name in ("pending", "searching", "processing")]
    job = mock.play("clado", scenario("clado", *steps, "completed"))
    seen = []
    for wait in (9.999_999_999, 0.000_000_001, 19.999_999_999, 0.000_000_001):
        mock.namespace("clado").clock.advance(round(wait * SECOND))
        seen.append(json_of(mock.poll("clado", job))["status"])
    assert seen == ["pending", "searching", "processing", "completed"]


# --- faults --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("api", "respond", "status", "body"), [
    ("clado", "unavailable", 503, {"detail": "Temporarily unavailable."}),
    ("clado", {"status": 503}, 503, {"detail": "Temporarily unavailable."}),
    ("clado", {"status": 429}, 429, {"error": "Too many requests.", "retry_after": 60}),
    ("clado", {"status": 418}, 418, {"detail": "Scripted answer 418."}),
    ("clado", {"status": 503, "body": {"oops": [1]}}, 503, {"oops": [1]}),
    ("clado", {"status": 200, "body": None}, 200, None),
    ("clado", {"status": 200, "body": []}, 200, []),
    ("orbit", {"status": 502}, 502, {"status": "failed", "error": {
        "code": "developer_deep_search_request_failed", "message": "The backend refused the request."}}),
    ("orbit", {"status": 500}, 500, {"status": "failed", "error": {
        "code": "internal_error", "message": "Internal error."}}),
    ("orbit", {"status": 599}, 599, {"status": "failed", "error": {
        "code": "http_599", "message": "Scripted answer 599."}}),
])  # fmt: skip
def test_respond(mock: Mock, api: str, respond: Any, status: int, body: Any) -> None:
    """`respond` is a name, or a status with its own body or the API's error body for it."""
    reply = mock.poll(api, faulty(mock, api, {**EVERY, "respond": respond}))
    assert (reply.status, json_of(reply)) == (status, body)
    assert header(reply, b"content-type") == b"application/json"
    assert header(reply, b"content-length") == str(len(reply.body)).encode()


OWN_ERRORS = [
    ("clado", "GET", JOBS["clado"] + "/{job}", "status", 400, None),
    ("clado", "GET", JOBS["clado"] + "/{job}", "status", 404, None),
    ("orbit", "POST", JOBS["orbit"], "start", 400, "developer_deep_search_invalid_request"),
    ("orbit", "POST", JOBS["orbit"], "start", 401, "missing_api_key"),
    ("orbit", "POST", JOBS["orbit"], "start", 409, "developer_api_idempotency_key_conflict"),
    ("orbit", "GET", "/v2/developer/profiles/x", "profile", 404, "developer_profile_not_found"),
    ("orbit", "GET", "/v2/developer/profiles/x", "profile", 409, "developer_api_idempotency_key_conflict"),
    ("orbit", "GET", JOBS["orbit"] + "/{job}", "status", 404, "developer_deep_search_run_not_found"),
    ("orbit", "GET", JOBS["orbit"] + "/{job}", "status", 429, "developer_api_key_rate_limited"),
    ("orbit", "GET", JOBS["orbit"] + "/{job}", "status", 503, "developer_deep_search_unavailable"),
]


@pytest.mark.parametrize(("api", "method", "path", "operation", "status", "code"), OWN_ERRORS)
def test_a_scripted_status_is_the_operations_own_error(
    mock: Mock, api: str, method: str, path: str, operation: str, status: int, code: str | None
) -> None:
    """A scripted status without a body has the error that the operation itself gives under that status."""
    fault = {"operation": operation, **EVERY, "respond": {"status": status}}
    plan = scenario(api, FIRST[api], faults=[fault])
    job = mock.start(api)
    use(mock, api, plan)
    job_of(mock, api, job).plan = mock.service.catalogue.resolve(plan, api)
    reply = mock.send(method, path.format(job=job), key=KEYS[api], body=STARTS[api] if method == "POST" else None)
    *_, exchange = mock.namespace(api).journal
    assert (reply.status, exchange.fault) == (status, f"respond {status}")
    if code is None:
        assert json_of(reply) == {"detail": next(text for number, text in CLADO_ERRORS if number == status)}
    else:
        assert json_of(reply)["error"]["code"] == code


CLADO_ERRORS = [entry for name, entry in apis.load("clado").errors.items() if name in ("not_found", "bad_request")]


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_statuses_without_content(mock: Mock, api: str, status: int) -> None:
    """204 and 304 have no body, no length and no type, whatever the scenario gives them (RFC 9110)."""
    for more in ({}, {"body": {"x": 1}}):
        reply = mock.poll(api, faulty(mock, api, {**EVERY, "respond": {"status": status, **more}}))
        assert (reply.status, reply.body) == (status, b"")
        assert [name for name, _ in reply.headers] == [b"date"]


def test_respond_with_text_and_headers(mock: Mock) -> None:
    """A text body is sent unchanged, own headers are added, and an own Content-Type replaces the default."""
    headers = {"Content-Type": "text/html", "X-Trace": "1"}
    respond = {"status": 502, "body": "<h1>Bad gateway</h1>", "headers": headers}
    reply = mock.poll("clado", faulty(mock, "clado", {**EVERY, "respond": respond, "retry_after": 4}))
    assert (reply.status, reply.body) == (502, b"<h1>Bad gateway</h1>")
    assert [value for name, value in reply.headers if name == b"content-type"] == [b"text/html"]
    assert header(reply, b"x-trace") == b"1" and header(reply, b"retry-after") == b"4"


REPLACING: list[dict[str, Any]] = [
    {"respond": {"status": 429, "headers": {"Retry-After": "0.503"}}},
    {"respond": {"status": 401, "headers": {"WWW-Authenticate": "Basic"}}},
    {"respond": {"status": 503, "headers": {"date": "today"}}},
    {"respond": {"status": 503, "headers": {"Content-Type": "text/plain"}}},
]


@pytest.mark.parametrize("fault", REPLACING, ids=str)
@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_a_scripted_header_replaces_the_contracts(mock: Mock, api: str, fault: dict[str, Any]) -> None:
    """A header of a scripted answer stands once, with the scripted value, whatever the API would have sent."""
    reply = mock.poll(api, faulty(mock, api, {**EVERY, **fault}))
    names = [name for name, _ in reply.headers]
    for name, value in fault["respond"]["headers"].items():
        assert header(reply, name.lower().encode()) == value.encode()
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("respond", ["rate_limited", {"status": 429}, {"status": 503}, {"status": 418}])
@pytest.mark.parametrize(
    ("retry_after", "value"), [(9, b"9"), ({"date": 60}, b"Thu, 01 Jan 2026 00:01:00 GMT"), ("absent", None)]
)
@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_retry_after_forms(mock: Mock, api: str, respond: Any, retry_after: Any, value: bytes | None) -> None:
    """`retry_after` is whole seconds, a date of the namespace's clock, or nothing, whatever is answered."""
    reply = mock.poll(api, faulty(mock, api, {**EVERY, "respond": respond, "retry_after": retry_after}))
    assert header(reply, b"retry-after") == value


def test_first_matching_fault_wins(mock: Mock) -> None:
    """The faults are tried in their order, each by the number of the request."""
    job = faulty(
        mock, "clado",
        {"when": {"request": 2}, "respond": {"status": 502}},
        {"when": {"requests": {"from": 2, "to": 3}}, "respond": {"status": 503}},
        {"when": {"every": 2}, "respond": {"status": 504}},
    )  # fmt: skip
    assert statuses(mock, "clado", job, 6) == [200, 502, 503, 504, 200, 504]


def test_requests_are_counted_for_each_job(mock: Mock) -> None:
    """Requests are counted for each job and operation separately."""
    plan = scenario("clado", "pending", faults=[{"when": {"request": 2}, "respond": "unavailable"}])
    first = mock.play("clado", plan)
    second = mock.start("clado")
    assert statuses(mock, "clado", first, 1) == [200]
    mock.start("clado")
    assert statuses(mock, "clado", second, 3) == [200, 503, 200]
    assert statuses(mock, "clado", first, 2) == [503, 200]


def test_refused_requests_are_counted_too(mock: Mock) -> None:
    """Requests that reach the stage of scripted refusals count; those refused earlier don't."""
    limits = {"status": {"requests": 3, "seconds": 60}}
    job = faulty(mock, "clado", {"when": {"request": 4}, "respond": "unavailable"}, limits=limits)
    queries = ["page=abc", "page=0", "", "", ""]
    assert [mock.poll("clado", job, query=query).status for query in queries] == [422, 400, 200, 429, 429]
    mock.advance(60)
    assert statuses(mock, "clado", job, 2) == [503, 200]


def test_start_requests_are_counted_for_the_key(mock: Mock) -> None:
    """Faults of start count the key's requests since the scenario was put or the last reset."""
    use(mock, "clado", scenario("clado", "pending", faults=[
        {"operation": "start", "when": {"request": 2}, "respond": "unavailable"},
    ]))  # fmt: skip

    def start(body: Any = STARTS["clado"], key: str = KEYS["clado"]) -> int:
        return mock.send("POST", JOBS["clado"], key=key, body=body).status

    assert [start(b"{"), start(), start(), start()] == [422, 503, 200, 200]
    assert [start(key="lk_other"), start(key="lk_other")] == [200, 200]
    plan = mock.namespace("clado").plan
    assert plan is not None
    mock.namespace("clado").use(plan)
    assert [start(), start()] == [200, 503]
    mock.namespace("clado").reset()
    assert [start(), start(), start()] == [200, 503, 200]


def test_seconds_window_is_half_open_and_counts_from_the_start_of_the_job(mock: Mock) -> None:
    """`seconds: {from: 10, to: 20}` holds from 10 until before 20 seconds after the job was made."""
    mock.advance(100)
    job = faulty(mock, "clado", {"when": {"seconds": {"from": 10, "to": 20}}, "respond": "unavailable"})
    seen = []
    for wait in (0, 9.999, 0.001, 9.999, 0.001):
        mock.advance(wait)
        seen += statuses(mock, "clado", job, 1)
    assert seen == [200, 200, 503, 503, 200]


def test_seconds_window_of_start_counts_from_the_key(mock: Mock) -> None:
    """Without a job the seconds count from the key's first use, a PUT of a scenario or a reset."""
    fault = {"operation": "start", "when": {"seconds": {"from": 0, "to": 5}}, "respond": "unavailable"}
    use(mock, "clado", scenario("clado", "pending", faults=[fault]))

    def start() -> int:
        return mock.send("POST", JOBS["clado"], key=KEYS["clado"], body=STARTS["clado"]).status

    seen = [start()]
    mock.advance(5)
    seen.append(start())
    mock.namespace("clado").reset()
    seen.append(start())
    assert seen == [503, 200, 503]


def test_delay_sets_when_the_answer_is_due(mock: Mock) -> None:
    """A delay holds the answer until the clock has moved so far; the job moves on receipt."""
    mock.advance(7)
    faults = [{"when": {"request": 1}, "delay": "2s"}]
    job = mock.play("clado", scenario("clado", "pending", "searching", faults=faults))
    first, second = mock.poll("clado", job), mock.poll("clado", job)
    assert first.due == EPOCH + 9 * SECOND and second.due == 0
    assert first.clock is mock.namespace("clado").clock
    assert [json_of(reply)["status"] for reply in (first, second)] == ["pending", "searching"]


@pytest.mark.parametrize(("fault", "wire", "due"), [
    ({"respond": "unavailable", "delay": "1s"}, False, SECOND),
    ({"disconnect": "reset"}, True, 0),
    ({"corrupt": "garbage", "delay": 3}, True, 3 * SECOND),
    ({"hang": True}, True, 0),
    ({"drip": {"bytes": 1, "every": "1s"}}, True, 0),
    ({"delay": 0}, False, 0),
])  # fmt: skip
def test_what_is_attached_to_the_reply(mock: Mock, fault: dict[str, Any], wire: bool, due: int) -> None:
    """Wire faults and delays are data in the Reply; refusals are the answer itself."""
    reply = mock.poll("clado", faulty(mock, "clado", {**EVERY, **fault}))
    assert (reply.fault is not None) is wire and reply.due in (0 if not due else EPOCH + due, EPOCH + due)


def test_step_body_patches_the_404_of_a_not_found_step(mock: Mock) -> None:
    """A step's `body` is merged over what the step answers, also over its 404."""
    job = mock.play("clado", scenario("clado", {"status": "not_found", "body": {"detail": "Gone.", "x": 1}}))
    reply = mock.poll("clado", job)
    assert (reply.status, json_of(reply)) == (404, {"detail": "Gone.", "x": 1})


def test_step_body_and_omit_come_after_the_page_cut(mock: Mock) -> None:
    """`body` and `omit` are applied last, so they reach the pagination too."""
    step = {"status": "completed", "body": {"pagination": {"page": 9}, "message": None}, "omit": ["results"],
            "violates": ["schema"]}  # fmt: skip
    job = mock.play("clado", scenario("clado", step))
    body = json_of(mock.poll("clado", job, query="page=1"))
    assert body["pagination"]["page"] == 9 and body["message"] is None and "results" not in body
    assert body["pagination"]["total_results"] == 3


# --- limits --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("own", "servers", "starts"), [
    (None, None, 100),
    (None, 7, 7),
    (3, None, 3),
    (3, 7, 3),
    (9, 7, 9),
])  # fmt: skip
def test_limits_of_the_scenario_go_before_the_servers(
    catalogue: Catalogue, own: int | None, servers: int | None, starts: int
) -> None:
    """A limit comes from the key's scenario, else from the server's file, else from the documents."""
    limits = {"clado": {"start": Limit(requests=servers, period=SECOND)}} if servers else {}
    mock = fresh(catalogue, limits=limits)
    use(mock, "clado", scenario("clado", "pending", limits={"start": {"requests": own, "seconds": 1}} if own else {}))
    body = {"query": "x", "limit": 1}
    found = [mock.send("POST", JOBS["clado"], key=KEYS["clado"], body=body).status for _ in range(starts + 1)]
    assert found == [200] * starts + [429]


@pytest.mark.parametrize(("own", "keys", "polls"), [(2, None, 2), (2, 4, 2), (4, 2, 4), (None, 3, 3)])
def test_limits_of_a_jobs_own_scenario_go_first(mock: Mock, own: int | None, keys: int | None, polls: int) -> None:
    """Requests for a job count under the limit of its own scenario, else of the key's, each limit separately."""

    def plan(requests: int | None) -> Any:
        limits = {"status": {"requests": requests, "seconds": 60}} if requests else {}
        return scenario("clado", "pending", limits=limits)

    resolved = mock.service.catalogue.resolve(plan(own), "clado")
    mock.namespace("clado").add(new_job("mine", resolved, EPOCH, 3, {}))
    use(mock, "clado", plan(keys))
    assert statuses(mock, "clado", "mine", polls + 1) == [200] * polls + [429]
    if own and keys and own != keys:
        assert statuses(mock, "clado", mock.start("clado"), keys + 1) == [200] * keys + [429]


@pytest.mark.parametrize("place", ["scenario", "server"])
def test_null_takes_a_limit_away(catalogue: Catalogue, place: str) -> None:
    """A limit of null removes the limit, in a scenario and in the server's file."""
    mock = fresh(catalogue, limits={"orbit": {"status": None}} if place == "server" else {})
    use(mock, "orbit", scenario("orbit", "running", limits={"status": None} if place == "scenario" else {}))
    run = mock.start("orbit")
    assert set(statuses(mock, "orbit", run, 300)) == {200}


def test_limits_are_kept_for_each_key_and_operation(mock: Mock) -> None:
    """Another key, and another operation, has a bucket of its own."""
    plan = scenario("clado", "pending", limits={name: {"requests": 1, "seconds": 60} for name in ("start", "status")})
    for key in ("lk_a", "lk_b"):
        use(mock, "clado", plan, key)
        job = mock.start("clado", key)
        assert [mock.poll("clado", job, key).status for _ in range(2)] == [200, 429]


def test_retry_after_of_a_limit_is_rounded_up(mock: Mock) -> None:
    """A client that waits Retry-After is served; at the true wait it is, a millisecond earlier it isn't."""
    limits = {"status": {"requests": 1, "seconds": 2.5}}
    job = mock.play("clado", scenario("clado", "pending", limits=limits))
    assert statuses(mock, "clado", job, 1) == [200]
    refused = mock.poll("clado", job)
    assert header(refused, b"retry-after") == b"3" and json_of(refused)["retry_after"] == 3
    mock.advance(2.499)
    assert header(mock.poll("clado", job), b"retry-after") == b"1"
    mock.advance(0.001)
    assert statuses(mock, "clado", job, 1) == [200]


def test_server_switches_hold_where_no_scenario_sets_them(catalogue: Catalogue) -> None:
    """A switch of the server holds for every key, unless a scenario sets it."""
    mock = fresh(catalogue, switches={"clado": {"error_as": "object", "tier": "free"}})
    kinds = []
    for switches in ({}, {"error_as": "string"}):
        job = mock.play("clado", scenario("clado", "error", switches=switches))
        kinds.append(type(json_of(mock.poll("clado", job))["error"]))
    assert kinds == [dict, str]


# --- keys and scenarios --------------------------------------------------------------------------------------------

def test_a_key_names_its_scenario_after_the_last_dashes(mock: Mock) -> None:
    """The text after the last `--` of a key names the scenario of its jobs."""
    job = mock.start("clado", "lk_ci--42--two-pages", {"query": "x"})
    assert job_of(mock, "clado", job, "lk_ci--42--two-pages").plan.name == "clado/two-pages"
    run = mock.start("orbit", "sk_orb_x--slow")
    assert job_of(mock, "orbit", run, "sk_orb_x--slow").plan.name == "orbit/slow"


@pytest.mark.parametrize(("api", "key", "status", "near"), [
    ("clado", "lk_x--two-page", 401, "'clado/two-pages'"),
    ("clado", "lk_x--partial", 401, "'clado/partial'. `jobmock list`"),
    ("clado", "lk_x--", 401, "clado/"),
    ("orbit", "sk_orb_x--uusual", 403, "'orbit/usual'"),
])  # fmt: skip
def test_a_key_with_an_unknown_scenario(mock: Mock, api: str, key: str, status: int, near: str) -> None:
    """A key with an unknown scenario is refused like a wrong key, with the nearest name, and opens no namespace."""
    reply = mock.send("POST", JOBS[api], key=key, body=STARTS[api])
    assert reply.status == status and near in reply.body.decode() and "names no scenario" in reply.body.decode()
    assert len(mock.service.namespaces) == 0


class Broken(Catalogue):
    """A catalogue whose scenarios are all broken."""

    def plan(self, name: str) -> Plan:
        raise ScenarioError([Problem(message="Wrong.", origin=Origin(source=name))])


def test_a_key_with_a_broken_scenario() -> None:
    """A key that names a broken scenario is refused with the place of the error."""
    reply = fresh(Broken()).send("POST", JOBS["clado"], key="lk_x--two-pages", body=STARTS["clado"])
    assert reply.status == 401 and "clado/two-pages#: error: Wrong." in reply.body.decode()


def test_default_scenarios(catalogue: Catalogue) -> None:
    """A start plays the key's scenario, else the namespace's, else the server's, else the usual one."""
    plans = {"clado": catalogue.plan("clado/slow")}
    mock = fresh(catalogue, plans=plans)

    def plays(key: str) -> str:
        return job_of(mock, "clado", mock.start("clado", key), key).plan.name

    assert (plays("lk_a"), plays("lk_b--stuck")) == ("clado/slow", "clado/stuck")
    use(mock, "clado", "at-once", "lk_a")
    assert plays("lk_a") == "clado/at-once"
    mock.service.defaults.plans.clear()
    assert plays("lk_c") == "clado/usual"


def test_the_scenario_of_a_key_goes_before_all_others(catalogue: Catalogue) -> None:
    """A key that names its scenario always plays it, whatever a PUT or the server sets."""
    mock, key = fresh(catalogue, plans={"clado": catalogue.plan("clado/slow")}), "lk_a--stuck"
    plays = []
    for _ in range(2):
        plays.append(job_of(mock, "clado", mock.start("clado", key), key).plan.name)
        use(mock, "clado", "at-once", key)
        mock.service.defaults.plans["clado"] = catalogue.plan("clado/two-pages")
    assert plays == ["clado/stuck"] * 2


def test_faults_of_the_servers_scenario_meet_every_key(catalogue: Catalogue) -> None:
    """Faults of start in the server's default scenario hold for keys that have none of their own."""
    fault = {"operation": "start", "when": {"request": 1}, "respond": "unavailable"}
    plan = catalogue.resolve(scenario("clado", "pending", faults=[fault]))
    mock = fresh(catalogue, plans={"clado": plan})
    replies = [mock.send("POST", JOBS["clado"], key="lk_new", body=STARTS["clado"]) for _ in range(2)]
    assert [reply.status for reply in replies] == [503, 200]


@pytest.mark.parametrize(("name", "body", "plays"), [
    ("slow", {"runShape": "candidate_discovery"}, "orbit/usual-discovery"),
    ("discovery-growing", {"email": "a@b.c"}, "orbit/usual"),
    ("slow", {"email": "a@b.c"}, "orbit/slow"),
    ("discovery-growing", {"runShape": "candidate_discovery"}, "orbit/discovery-growing"),
])  # fmt: skip
def test_a_start_of_the_other_kind(mock: Mock, name: str, body: dict[str, Any], plays: str) -> None:
    """A start of another kind than the set scenario plays the default one, and the journal has a note."""
    use(mock, "orbit", name)
    run = mock.start("orbit", body={"structuredIntent": {"version": "v1", "names": ["x"]}, **body})
    assert job_of(mock, "orbit", run).plan.name == plays
    (exchange,) = mock.namespace("orbit").journal
    note = f"orbit/{name} is of another kind than this start; the job plays {plays}"
    assert exchange.note == (None if plays == f"orbit/{name}" else note)


def test_keys_never_see_each_others_jobs(mock: Mock) -> None:
    """Two keys with equal requestIds have independent runs."""
    body = {"requestId": "r", "email": "a@b.c"}
    for key in ("sk_orb_a", "sk_orb_b--slow"):
        mock.start("orbit", key, body)
    polled = [json_of(mock.poll("orbit", "r", key)) for key in ("sk_orb_a", "sk_orb_b--slow")]
    assert polled[0]["run_id"] != polled[1]["run_id"]
    assert [job_of(mock, "orbit", "r", key).polls for key in ("sk_orb_a", "sk_orb_b--slow")] == [1, 1]


def test_the_same_key_gives_the_same_ids(catalogue: Catalogue) -> None:
    """Ids depend on nothing but the key and its own calls, so a test sees the same ones each time."""
    assert fresh(catalogue).start("clado") == fresh(catalogue).start("clado")


# --- what every reply has ------------------------------------------------------------------------------------------

def test_dates_come_from_the_namespaces_clock(mock: Mock) -> None:
    """`Date` and `created_at` are the namespace's time; two keys may live at different times."""
    mock.advance(3600)
    job = mock.play("clado", "at-once")
    mock.advance(60)
    reply = mock.poll("clado", job)
    assert header(reply, b"date") == b"Thu, 01 Jan 2026 01:01:00 GMT"
    assert json_of(reply)["created_at"] == EPOCH // SECOND + 3600
    other = mock.send("POST", JOBS["clado"], key="lk_other", body=STARTS["clado"])
    assert header(other, b"date") == b"Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize("api", ["clado", "orbit"])
@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, {422, 400}), (MAX_BODY + 1, {413})])
def test_largest_body(mock: Mock, api: str, size: int, status: set[int]) -> None:
    """A body of 1 MiB is read, one byte more is 413 in the API's own error body."""
    reply = mock.send("POST", JOBS[api], key=KEYS[api], body=b" " * size)
    assert reply.status in status
    assert ("error" if api == "orbit" else "detail") in json_of(reply)


@pytest.mark.parametrize("api", ["clado", "orbit"])
@pytest.mark.parametrize(("count", "status"), [(MAX_BRACKETS, {422, 400}), (MAX_BRACKETS + 1, {413})])
@pytest.mark.parametrize("value", [b"[]", b"{}"], ids=["arrays", "objects"])
def test_most_arrays_and_objects(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, api: str, count: int, status: set[int], value: bytes
) -> None:
    """A body of 100,000 arrays and objects is read. With one more it is 413, and parsed nowhere."""
    body = b"[" + b",".join([value] * (count - 1)) + b"]"
    parsed, loads = list[object](), orjson.loads

    def parse(raw: bytes) -> Any:
        parsed.append(raw)
        return loads(raw)

    monkeypatch.setattr(orjson, "loads", parse)
    reply = mock.send("POST", JOBS[api], key=KEYS[api], body=body)
    assert reply.status in status and bool(parsed) is (reply.status != 413)


@pytest.mark.parametrize("api", ["clado", "orbit"])
@pytest.mark.parametrize(("method", "path", "status", "allow"), [
    ("GET", "/nothing", 404, None),
    ("GET", "/", 404, None),
    ("GET", "", 405, b"POST"),
    ("PATCH", "/x", 405, b"GET"),
    ("HEAD", "/x", 405, b"GET"),
    ("OPTIONS", "", 405, b"POST"),
])  # fmt: skip
def test_unknown_routes(mock: Mock, api: str, method: str, path: str, status: int, allow: bytes | None) -> None:
    """An unknown path is 404, a wrong method 405 with Allow, in the error body of the API that it looks like."""
    whole = f"{JOBS[api]}x{path}" if status == 404 else JOBS[api] + path
    reply = mock.send(method, whole, key=KEYS[api])
    assert reply.status == status and header(reply, b"allow") == allow
    text = json_of(reply)["detail"] if api == "clado" else json_of(reply)["error"]["message"]
    assert text == ("There is no such route." if status == 404 else f"This route has {(allow or b'').decode()} only.")


QUERIES = ("", "page=1", "page=2&page_size=7", "legacy=false")


def document_of(api: str, operation: str, status: int) -> str:
    found = next(known for known in apis.load(api).operations if known.name == operation)
    return f"{api}/{found.replies[status]}"


def placed(mock: Mock, plan: Plan) -> Job:
    """Make a job that plays `plan` without a start call, in a namespace that plays it too."""
    api, namespace = plan.scenario.api, mock.namespace(plan.scenario.api)
    namespace.use(plan)
    facts = apis.load(api).facts(namespace, plan.scenario.run_shape)
    namespace.add(new_job("job", plan, namespace.clock.now(), plan.scenario.results.count, facts))
    return namespace.jobs["job"]


@pytest.mark.parametrize("name", Catalogue().names())
def test_every_step_of_every_bundled_scenario_obeys_its_document(mock: Mock, name: str) -> None:
    """Each step's answer to each query validates against its document, unless the step violates the schema."""
    scripted = mock.service.catalogue.plan(name).scenario
    bare = replace(scripted, faults=(), limits={"status": None})
    job = placed(mock, planned(bare, apis.load(bare.api).shows))
    for stage in job.plan.stages:
        for query in QUERIES:
            job.state = State(stage.number, mock.namespace(bare.api).clock.now())
            reply = mock.poll(bare.api, job.id, query=query)
            assert reply.status == (404 if stage.status == "not_found" else 200)
            if "schema" not in stage.step.violates:
                validator(document_of(bare.api, "status", reply.status)).validate(json_of(reply))


@pytest.mark.parametrize("name", Catalogue().names())
def test_every_bundled_scenario_played_from_start_to_end(mock: Mock, name: str) -> None:
    """Played with polls five seconds apart, every answer, refusals too, validates and the last step is reached."""
    job = placed(mock, mock.service.catalogue.plan(name))
    api, last = job.plan.scenario.api, len(job.plan.stages) - 1
    for _ in range(400):
        reply = mock.poll(api, job.id)
        *_, exchange = mock.namespace(api).journal
        whole = not (exchange.fault or "").startswith(("disconnect", "corrupt", "hang", "drip"))
        step = job.plan.stages[exchange.step - 1].step if exchange.step is not None else None
        if whole and not (step and "schema" in step.violates):
            validator(document_of(api, "status", reply.status)).validate(json_of(reply))
        if job.state.step == last:
            break
        mock.advance(5, api)
    assert job.state.step == last


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_start_replies_obey_their_documents(mock: Mock, api: str) -> None:
    """Accepted, repeated and refused starts validate against the documents of their status."""
    bodies: list[Any] = [STARTS[api], {**STARTS[api], "requestId": "r"}, {**STARTS[api], "requestId": "r"}, b"{"]
    bodies.append({"requestId": "r", "email": "other@mail.invalid"})
    for body in bodies:
        reply = mock.send("POST", JOBS[api], key=KEYS[api], body=body)
        validator(document_of(api, "start", reply.status)).validate(json_of(reply))


# --- the journal ---------------------------------------------------------------------------------------------------

def test_journal_records_every_outcome(mock: Mock) -> None:
    """Each exchange is noted with its number, time, operation, job, step, fault and status."""
    key = "lk_secret42"
    faults = [{"when": {"request": 3}, "respond": "rate_limited"}, {"when": {"request": 4}, "delay": "1s"}]
    job = mock.play("clado", scenario("clado", "pending", "searching", faults=faults), key)
    mock.advance(1.5, key=key)
    for query in ("page=1", "page=abc", "", "", ""):
        mock.poll("clado", job, key, query)
    mock.poll("clado", "nobody's", key)
    exchanges = list(mock.namespace("clado", key).journal)
    path = f"{JOBS['clado']}/{job}"
    assert [(e.number, e.operation, e.job, e.method, e.query, e.status, e.step, e.fault) for e in exchanges] == [
        (1, "start", job, "POST", "", 200, None, None),
        (2, "status", job, "GET", "page=1", 200, 1, None),
        (3, "status", job, "GET", "page=abc", 422, None, None),
        (4, "status", job, "GET", "", 429, None, "respond rate_limited"),
        (5, "status", job, "GET", "", 200, 2, "delay"),
        (6, "status", job, "GET", "", 200, 2, None),
        (7, "status", None, "GET", "", 404, None, None),
    ]
    assert {e.api for e in exchanges} == {"clado"} and exchanges[1].path == path
    assert [e.at for e in exchanges] == [EPOCH] + [EPOCH + 3 * SECOND // 2] * 6


def test_journal_counts_steps_as_explain_does(mock: Mock) -> None:
    """The journal's step and status are those of one numbered line of `jobmock explain`."""
    plan = mock.service.catalogue.plan("clado/two-pages")
    job = placed(mock, plan)
    for seconds in (0, 0, 0, 0, 30, 10):
        mock.advance(seconds)
        mock.poll("clado", job.id)
    answered = {(e.step, e.state) for e in mock.namespace("clado").journal if e.step}
    lines = re.findall(r"^ +(\d+)\. +(\w+)", explain(plan), re.MULTILINE)
    assert answered == {(int(number), status) for number, status in lines}


def test_exchanges_without_a_namespace_are_noted_outside(mock: Mock) -> None:
    """A request without a good key is recorded too, with its operation if there is one."""
    mock.send("GET", "/nothing")
    mock.send("DELETE", JOBS["orbit"], key="other")
    mock.send("POST", JOBS["clado"], key="lk_revoked", body=HUGE)
    mock.send("GET", "/nothing", key="lk_test--no-such-scenario")
    mock.poll("orbit", "x", "sk_orb_noscope")
    found = [(e.api, e.operation, e.status) for e in mock.service.namespaces.outside]
    assert found == [
        ("clado", None, 404), ("orbit", None, 405), ("clado", "start", 413), ("clado", None, 404),
        ("orbit", "status", 403),
    ]  # fmt: skip
    assert len(mock.service.namespaces) == 0


@pytest.mark.parametrize("is_open", [False, True], ids=["first", "later"])
def test_requests_that_get_nowhere_are_in_the_journal_of_their_key(mock: Mock, is_open: bool) -> None:
    """From its first request on, a key's journal has unknown routes, wrong methods, large bodies, foreign routes."""
    key, at = KEYS["clado"], EPOCH
    if is_open:
        mock.namespace("clado")
        mock.advance(5)
        at += 5 * SECOND
    for method, path, body in [("GET", "/v1/x", None), ("PUT", JOBS["clado"], None), ("POST", JOBS["clado"], HUGE)]:
        mock.send(method, path, key=key, body=body)
    mock.poll("orbit", "x", key)
    found = [(e.number, e.at, e.operation, e.status) for e in mock.namespace("clado").journal]
    assert found == [(1, at, None, 404), (2, at, None, 405), (3, at, "start", 413), (4, at, "status", 403)]
    assert not len(mock.service.namespaces.outside) and len(mock.service.namespaces) == 1


@pytest.mark.parametrize(("path", "key", "nearest"), [
    ("/v1/api/search/deep_research/x", "lk_a", "GET /api/search/deep_research/{job}"),
    ("/v2/developer/deep_search/x", "lk_a", "GET /api/"),
    ("/api/search/deep_research/x/y", "sk_orb_a", "GET /v2/developer/"),
    ("/api/search/deep-research/x", None, "GET /api/search/deep_research/{job}"),
    ("/deep-search/x", None, None),
])  # fmt: skip
def test_the_nearest_route_is_one_of_the_clients_api(mock: Mock, path: str, key: str | None, nearest: str) -> None:
    """The note on an unknown route names a route of the API that the key or else the path means, or none."""
    mock.send("GET", path, key=key)
    journals = [namespace.journal for namespace in mock.service.namespaces] or [mock.service.namespaces.outside]
    (found,) = [exchange.note or "" for journal in journals for exchange in journal]
    note = "no such route" if nearest is None else f"no such route; the nearest is {nearest}"
    assert found.startswith(note) and (nearest or found == note)


@pytest.mark.parametrize("send", [
    lambda mock: mock.poll("clado", "lk_secret42", "lk_secret42"),
    lambda mock: mock.poll("clado", "x", "lk_secret42", "api_key=lk_secret42&page=1"),
    lambda mock: mock.send("GET", "/nothing/sk_orb_secret42?x", key="sk_orb_secret42", query="k=sk_orb_secret42"),
    lambda mock: mock.send("POST", JOBS["orbit"], key="sk_orb_secret42", body={"email": "secret42@mail.invalid"}),
    lambda mock: mock.poll("clado", "x", "lk_secret42--nowhere"),
])  # fmt: skip
def test_journal_never_holds_a_key(mock: Mock, send: Callable[[Mock], Reply], caplog: pytest.LogCaptureFixture) -> None:
    """Keys don't appear in the journal or the log, wherever a client puts them."""
    caplog.set_level(0)
    send(mock)
    journals = [mock.service.namespaces.outside, *(namespace.journal for namespace in mock.service.namespaces)]
    exchanges = [exchange for journal in journals for exchange in journal]
    assert len(exchanges) == 1 and "secret42" not in repr(exchanges) and "secret42" not in caplog.text


def test_job_ids_that_look_like_keys_are_redacted(mock: Mock) -> None:
    """A job id that looks like a key is cut in the journal, in the path and as the job."""
    body = {**STARTS["orbit"], "requestId": "sk_orb_secret42"}
    job = mock.start("orbit", body=body)
    assert mock.poll("orbit", job).status == 200
    exchanges = list(mock.namespace("orbit").journal)
    assert [exchange.job for exchange in exchanges] == ["sk_orb_…"] * 2
    assert exchanges[1].path == JOBS["orbit"] + "/sk_orb_…" and "secret42" not in repr(exchanges)


def test_encoded_paths_are_served(mock: Mock) -> None:
    """A path whose letters are percent-encoded is that path (RFC 3986)."""
    reply = mock.send("POST", "/api/search/deep%5Fresearch", key=KEYS["clado"], body=STARTS["clado"])
    assert reply.status == 200
    path = f"/%61pi/search/deep%5Fresearch/{json_of(reply)['job_id']}"
    assert mock.send("GET", path, key=KEYS["clado"]).status == 200


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(passed=st.integers(0, 10 * SECOND), seconds=st.integers(0, 30), wait=st.integers(1, 30))
def test_whoever_waits_for_the_date_is_served(catalogue: Catalogue, passed: int, seconds: int, wait: int) -> None:
    """A client that waits until the date of Retry-After is served, whatever fraction of a second its clock shows."""
    mock = fresh(catalogue)
    clock = mock.namespace("clado").clock
    clock.advance(passed)
    window = {"seconds": {"from": seconds, "to": seconds + wait}}
    job = faulty(mock, "clado", {"when": window, "respond": "unavailable", "retry_after": {"date": wait}})
    clock.advance(seconds * SECOND)
    refused = mock.poll("clado", job)
    date = header(refused, b"retry-after")
    assert refused.status == 503 and date
    due = int(parsedate_to_datetime(date.decode()).timestamp()) * SECOND
    clock.advance(due - clock.now())
    assert mock.poll("clado", job).status == 200


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(passed=st.integers(0, 2 * SECOND), period=st.integers(SECOND // 1000, 5 * SECOND))
def test_whoever_waits_out_a_limit_by_date_is_served(catalogue: Catalogue, passed: int, period: int) -> None:
    """A client that waits until the date of a limit's Retry-After is served."""
    mock = fresh(catalogue)
    limits = {"status": {"requests": 1, "seconds": period / SECOND}}
    job = mock.play("orbit", scenario("orbit", "running", limits=limits, switches={"retry_after": "date"}))
    clock = mock.namespace("orbit").clock
    clock.advance(passed)
    assert mock.poll("orbit", job).status == 200
    refused = mock.poll("orbit", job)
    date = header(refused, b"retry-after")
    assert refused.status == 429 and date
    clock.advance(int(parsedate_to_datetime(date.decode()).timestamp()) * SECOND - clock.now())
    assert mock.poll("orbit", job).status == 200


def test_a_service_has_real_clocks_by_itself(catalogue: Catalogue) -> None:
    """A service without given namespaces makes its own, with real clocks."""
    service = Service(catalogue)
    assert service.namespaces.clock.mode == "real" and json.loads(Mock(service).send("GET", "/x").body)


@pytest.mark.parametrize("api", ["clado", "orbit"])
@pytest.mark.parametrize("coding", [b"gzip", b"GZIP", b"br", b"deflate, gzip", b"x" * 5_000])
def test_compressed_bodies(mock: Mock, api: str, coding: bytes) -> None:
    """A body with a Content-Encoding is 415 in the API's own error body, which says what to do, and starts nothing."""
    packed = gzip.compress(json.dumps(STARTS[api]).encode())
    reply = mock.send("POST", JOBS[api], key=KEYS[api], body=packed, headers=((b"content-encoding", coding),))
    error = json_of(reply)
    text = error["error"]["message"] if api == "orbit" else error["detail"]
    assert reply.status == 415 and header(reply, b"accept-encoding") == b"identity"
    assert text.startswith("The body has the Content-Encoding '") and text.endswith("Send it without any.")
    assert len(text) < 150 and not mock.namespace(api).jobs


@pytest.mark.parametrize(("method", "body", "coding"), [("POST", STARTS["clado"], b"identity"), ("GET", None, b"gzip")])
def test_no_compressed_body(mock: Mock, method: str, body: Any, coding: bytes) -> None:
    """The encoding `identity` is none, and a request without a body has none to refuse."""
    job = mock.start("clado")
    path = JOBS["clado"] if body else f"{JOBS['clado']}/{job}"
    headers = ((b"content-encoding", coding),)
    assert mock.send(method, path, key=KEYS["clado"], body=body, headers=headers).status == 200
