"""The control API: the answer of each call, the namespaces it acts on, and the message for each mistake."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.api_facts import ALLOWED
from tests.support import EPOCH, JOBS, KEYS, STARTS, Mock, json_of, scenario

from jobmock import __version__
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.errors import short_repr
from jobmock.server.app import create_app
from jobmock.service.body_limits import MAX_BODY
from jobmock.service.service import Service

CLADO, ORBIT = KEYS["clado"], KEYS["orbit"]
YEAR = 31_622_400
TITLES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict"}
CALLS = [
    ("GET", "health"), ("GET", "ready"), ("GET", "scenarios"), ("PUT", "scenario"), ("GET", "jobs"), ("POST", "jobs"),
    ("GET", "clock"), ("PUT", "clock"), ("POST", "clock/advance"), ("GET", "journal"), ("DELETE", "journal"),
    ("GET", "findings"), ("POST", "reset"),
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of a control call."""

    status: int
    type: str
    body: Any
    raw: bytes


class Control:
    """The control API of a mock, called without a socket."""

    def __init__(self, mock: Mock, token: str | None = None) -> None:
        self.mock = mock
        self._app = create_app(mock.service, control_token=token)

    def __call__(
        self, method: str, call: str, body: Any = None, *, key: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        own = {"host": "localhost", **({"content-type": "application/json"} if raw else {}), **(headers or {})}
        own |= {"authorization": f"Bearer {key}"} if key is not None else {}
        call, _, query = call.partition("?")
        path = f"/__jobmock/{call}"
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "headers": [(name.encode(), value.encode("latin-1")) for name, value in own.items()],
        }  # fmt: skip
        chunks = [raw[start : start + 65_536] for start in range(0, len(raw), 65_536)] or [b""]
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self._app(scope, receive, send))
        kind = dict(sent[0]["headers"])[b"content-type"].decode()
        content = sent[1]["body"]
        body = json.loads(content) if "json" in kind else content.decode()
        return Answer(status=sent[0]["status"], type=kind, body=body, raw=content)

    def problem(self, method: str, call: str, body: Any = None, *, key: str | None = None) -> tuple[int, str]:
        """Make a call that must fail, check its problem document, and return status and detail."""
        answer = self(method, call, body, key=key)
        document = answer.body
        assert answer.type == "application/problem+json" and list(document)[:4] == ["type", "title", "status", "detail"]
        assert document["type"] == "about:blank" and document["status"] == answer.status >= 400
        assert document["title"] == TITLES[answer.status]
        return answer.status, document["detail"]


@pytest.fixture
def control(mock: Mock) -> Control:
    return Control(mock)


def subset(part: dict[str, Any], whole: dict[str, Any]) -> bool:
    return part.items() <= whole.items()


# --- over the wire -------------------------------------------------------------------------------------------------

def test_over_a_socket(server: str) -> None:
    """The control routes are on the same port as the API, under `/__jobmock/`."""
    with httpx.Client(base_url=server, timeout=20) as client:
        ready = client.get("/__jobmock/ready")
        missing = client.get("/__jobmock/nothing")
    assert ready.status_code == 200 and ready.headers["content-type"] == "application/json"
    assert missing.status_code == 404 and missing.headers["content-type"] == "application/problem+json"


# --- errors that every call has ------------------------------------------------------------------------------------

@pytest.mark.parametrize(("call", "near"), [
    ("jornal", " Did you mean 'journal'?"),
    ("clock/advanced", " Did you mean 'clock/advance'?"),
    ("zzz", ""),
])  # fmt: skip
def test_unknown_call(control: Control, call: str, near: str) -> None:
    """An unknown call is 404 with every call and the nearest one."""
    status, detail = control.problem("GET", call)
    assert status == 404 and detail.startswith(f"There is no control call {call!r}. Calls: health, ready, ")
    assert detail.endswith(near or ".")


@pytest.mark.parametrize(("method", "call", "has"), [
    ("POST", "health", "GET"),
    ("DELETE", "jobs", "GET, POST"),
    ("HEAD", "reset", "POST"),
    ("DELETE", "scenario", "GET, PUT"),
    ("GET", "clock/advance", "POST"),
])  # fmt: skip
def test_wrong_method(control: Control, method: str, call: str, has: str) -> None:
    """A wrong method is 405 and names those that the call has."""
    status, detail = control.problem(method, call)
    assert (status, detail) == (405, f"{call!r} has {has} only, not {method}.")


@pytest.mark.parametrize("call", [call for method, call in CALLS if method == "GET"])
def test_head_is_get_without_a_body(server: str, call: str) -> None:
    """A HEAD of a control call that has GET is answered like it, without the body."""
    with httpx.Client(base_url=server, timeout=20) as client:
        got, head = (client.request(method, f"/__jobmock/{call}") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"") and got.content
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(("raw", "says"), [
    (b"{", "The body is not JSON: "),
    (b"\xff", "The body is not JSON: "),
    (b"[" * 100_000, "The body is not JSON: "),
    (b"1" * 5000, "The body is not JSON: "),
    (b"[]", "The body is a JSON object, not a list."),
    (b"null", "The body is a JSON object, not null."),
    (b'"x"', "The body is a JSON object, not text."),
])  # fmt: skip
def test_bad_json(control: Control, raw: bytes, says: str) -> None:
    """A body that isn't a JSON object is 400 and says why."""
    status, detail = control.problem("POST", "clock/advance", raw)
    assert status == 400 and detail.startswith(says)


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413), (3 * MAX_BODY, 413)])
def test_large_body(control: Control, size: int, status: int) -> None:
    """A body of 1 MiB is read, a longer one is 413, with the same title on every Python."""
    answer = control("PUT", "clock", b'{"mode": "manual"' + b" " * (size - 18) + b"}")
    assert (answer.status, answer.body.get("title")) == (status, None if status == 200 else "Content Too Large")


@pytest.mark.parametrize(("method", "call", "body", "says"), [
    ("POST", "clock/advance", {}, "The field 'seconds' is missing. Needed: seconds."),
    ("POST", "clock/advance", {"second": 1}, "Unknown field 'second'. Allowed: seconds. Did you mean 'seconds'?"),
    ("POST", "clock/advance", {"seconds": 1, "x": 1}, "Unknown field 'x'. Allowed: seconds."),
    ("PUT", "clock", {"speed": 2}, "The field 'mode' is missing. Needed: mode."),
    ("PUT", "clock", {"mode": 1}, "'mode' is 1. Allowed: text."),
    ("PUT", "clock", {"mode": "real", "sped": 1}, "Unknown field 'sped'. Allowed: mode, speed. Did you mean 'speed'?"),
    ("PUT", "scenario", {}, "A call gives one scenario: 'scenario' is its name or an object, 'yaml' is its text."),
    ("PUT", "scenario", {"scenario": 1}, "'scenario' is 1. Allowed: text or an object."),
    ("PUT", "scenario", {"scenario": None}, "'scenario' is null. Allowed: text or an object."),
    ("PUT", "scenario", {"scenario": "usual", "api": 1}, "'api' is 1. Allowed: text."),
    ("PUT", "scenario", {"senario": "x"},
     "Unknown field 'senario'. Allowed: scenario, yaml, api. Did you mean 'scenario'?"),
    ("POST", "jobs", {"id": "x"},
     "A call gives one scenario: 'scenario' is its name or an object, 'yaml' is its text."),
    ("POST", "jobs", {"scenario": "usual", "id": 5}, "'id' is 5. Allowed: text."),
    ("POST", "jobs", {"scenario": "usual", "job_id": "x"}, "Unknown field 'job_id'. Allowed: scenario, yaml, api, id."),
    ("POST", "jobs", {"scenario": "usual", "api": "cladoo"},
     f"'api' is 'cladoo'. {ALLOWED}. Did you mean 'clado'?"),
])  # fmt: skip
def test_bad_fields(control: Control, method: str, call: str, body: Any, says: str) -> None:
    """A field that is missing, unknown or of a wrong type is 400 with what is allowed and the nearest name."""
    assert control.problem(method, call, body, key=CLADO) == (400, says)
    assert not control.mock.namespace("clado").jobs and control.mock.namespace("clado").plan is None


@pytest.mark.parametrize(("key", "says"), [
    ("x", "No API has such a key. Prefixes: lk_, sk_orb_."),
    ("", "No API has such a key. Prefixes: lk_, sk_orb_."),
    ("lk_", "No API has such a key. Prefixes: lk_, sk_orb_."),
    ("lk_a b", "No API has such a key. Prefixes: lk_, sk_orb_."),
    ("lk_revoked", " key is "),
    ("sk_orb_revoked", "invalid_api_key"),
    ("sk_orb_expired", "invalid_api_key"),
    ("sk_orb_noscope", "This key is reserved ("),
    ("lk_x--nowhere", "The API key names no scenario. There is no scenario 'clado/nowhere'."),
    ("sk_orb_x--usuall", "Did you mean 'orbit/usual'?"),
])  # fmt: skip
@pytest.mark.parametrize(("method", "call"), [("GET", "clock"), ("POST", "reset"), ("GET", "jobs")])
def test_bad_keys(control: Control, method: str, call: str, key: str, says: str) -> None:
    """A reserved key, no API's key, and one with an unknown scenario are 400 and open nothing."""
    status, detail = control.problem(method, call, key=key)
    assert status == 400 and says in detail
    assert len(control.mock.service.namespaces) == 0


def test_another_scheme_is_no_key(control: Control) -> None:
    """An Authorization header that isn't a bearer key is a mistake, not a call without a key."""
    answer = control("GET", "clock", headers={"authorization": "Basic eDp5"})
    assert answer.status == 400 and "No API has such a key" in answer.body["detail"]


def test_search_only_key_may_control(control: Control) -> None:
    """A key that lacks only the profile scope is a good key here."""
    assert control("GET", "clock", key="sk_orb_searchonly").status == 200


# --- health and token ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("call", ["health", "ready"])
def test_health(control: Control, call: str) -> None:
    """Health has the status, the version, and the numbers of open and closed namespaces."""
    control("GET", "clock", key="lk_a")
    answer = control("GET", call)
    assert answer.status == 200 and answer.type == "application/json"
    assert subset({"status": "ok", "version": __version__, "namespaces": 1, "evicted": 0}, answer.body)


def test_health_counts_the_evicted(catalogue: Catalogue) -> None:
    """Health counts the closed namespaces."""
    control = Control(Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=2))))
    for key in ("lk_a", "lk_b", "lk_c"):
        control("GET", "clock", key=key)
    assert subset({"namespaces": 2, "evicted": 1}, control("GET", "health").body)


@pytest.mark.parametrize(("method", "call"), CALLS)
@pytest.mark.parametrize("token", [None, "", "wrong", "Secret", "secret"])
def test_token(mock: Mock, method: str, call: str, token: str | None) -> None:
    """With a control token every call but health and ready needs it in X-Jobmock-Token."""
    control = Control(mock, "secret")
    answer = control(method, call, headers={} if token is None else {"x-jobmock-token": token})
    refused = token != "secret" and call not in ("health", "ready")
    assert (answer.status == 403) is refused
    assert not refused or "X-Jobmock-Token" in answer.body["detail"]


def test_without_a_token_none_is_asked_for(control: Control) -> None:
    """On loopback no token is needed, and one that is sent is ignored."""
    assert control("GET", "clock", headers={"x-jobmock-token": "x"}).status == 200


# --- scenarios -----------------------------------------------------------------------------------------------------

def test_scenarios(control: Control) -> None:
    """Every scenario is listed with its name, API, summary and source, and without errors."""
    listed = control("GET", "scenarios").body
    assert [entry["name"] for entry in listed] == control.mock.service.catalogue.names()
    assert subset({"name": "clado/stuck", "api": "clado", "source": "bundled"}, next(
        entry for entry in listed if entry["name"] == "clado/stuck"))  # fmt: skip
    assert all(list(entry) == ["name", "api", "summary", "source", "errors"] and entry["summary"] for entry in listed)
    assert all(entry["errors"] == [] for entry in listed)


def plays(control: Control, key: str) -> str:
    api = "clado" if key.startswith("lk_") else "orbit"
    job = control.mock.start(api, key)
    return control.mock.namespace(api, key).jobs[job].plan.name


@pytest.mark.parametrize(("key", "body", "name"), [
    (CLADO, {"scenario": "stuck"}, "clado/stuck"),
    (CLADO, {"scenario": "clado/stuck"}, "clado/stuck"),
    (CLADO, {"scenario": "stuck", "api": "clado"}, "clado/stuck"),
    (ORBIT, {"scenario": "slow"}, "orbit/slow"),
    (CLADO, {"scenario": scenario("clado", "error")}, "scenario"),
])  # fmt: skip
def test_put_scenario_for_a_key(control: Control, key: str, body: Any, name: str) -> None:
    """With a key the scenario is the default of that key's jobs to come, and of no other key's."""
    other = key + "x"
    control("GET", "clock", key=other)
    answer = control("PUT", "scenario", body, key=key)
    api = "orbit" if key == ORBIT else "clado"
    assert (answer.status, answer.body) == (200, {"api": api, "scenario": name})
    assert plays(control, key) == name and plays(control, other).endswith("/usual")


def test_put_scenario_leaves_running_jobs_alone(control: Control) -> None:
    """A job goes on with the scenario that it began with."""
    job = control.mock.start("clado")
    control("PUT", "scenario", {"scenario": "stuck"}, key=CLADO)
    assert control.mock.namespace("clado").jobs[job].plan.name == "clado/usual"


@pytest.mark.parametrize("key", ["lk_x--two-pages", "sk_orb_x--slow"])
def test_put_scenario_on_a_key_that_names_one(control: Control, key: str) -> None:
    """A key that names its scenario takes no other: 409 with that name, and nothing is changed."""
    name = ("clado/" if key.startswith("lk_") else "orbit/") + key.partition("--")[2]
    problem = control.problem("PUT", "scenario", {"scenario": "usual"}, key=key)
    assert problem == (409, f"The key itself names {name}, which goes before any other scenario.")
    assert control.mock.service.namespaces.peek(key).plan is None  # type: ignore[union-attr]
    assert plays(control, key) == name


def test_put_scenario_for_all_passes_open_keys_that_name_one(control: Control) -> None:
    """A PUT without a key doesn't replace the scenario that an open key names."""
    control("GET", "clock", key="lk_open--two-pages")
    assert control("PUT", "scenario", {"scenario": "clado/stuck"}).status == 200
    assert plays(control, "lk_open--two-pages") == "clado/two-pages"


def test_put_scenario_without_a_key(control: Control) -> None:
    """Without a key it is the default of all namespaces of that API, open and to come; a key's own name stays."""
    control("GET", "clock", key="lk_open")
    control("GET", "clock", key=ORBIT)
    assert control("PUT", "scenario", {"scenario": "clado/stuck"}).body == {"api": "clado", "scenario": "clado/stuck"}
    assert control("PUT", "scenario", {"api": "orbit", "scenario": "slow"}).body["scenario"] == "orbit/slow"
    assert [plays(control, key) for key in ("lk_open", "lk_new")] == ["clado/stuck"] * 2
    assert plays(control, "lk_new--usual") == "clado/usual"
    assert [plays(control, key) for key in (ORBIT, "sk_orb_new")] == ["orbit/slow"] * 2


@pytest.mark.parametrize(("key", "body", "says"), [
    (CLADO, {"scenario": "stucked"}, "There is no scenario 'clado/stucked'. Did you mean 'clado/stuck'?"),
    (CLADO, {"scenario": "orbit/slow"}, "The scenario 'orbit/slow' belongs to orbit, not to clado."),
    (CLADO, {"scenario": "slow", "api": "orbit"}, "The key belongs to clado, not to orbit."),
    (None, {"scenario": "stuck"}, "Did you mean 'clado/stuck'?"),
    (None, {"scenario": "slow"}, "Did you mean 'clado/slow' or 'orbit/slow'?"),
    (None, {"scenario": "clado/stuck", "api": "orbit"}, "belongs to clado, not to orbit."),
    (None, {"scenario": "stuck", "api": "clad"}, f"'api' is 'clad'. {ALLOWED}. Did you mean 'clado'?"),
    (CLADO, {"scenario": ""}, "There is no scenario 'clado/'."),
    (CLADO, {"scenario": "../../etc/passwd"}, "There is no scenario '../../etc/passwd'."),
])  # fmt: skip
def test_put_scenario_that_cannot_be_played(control: Control, key: str | None, body: Any, says: str) -> None:
    """An unknown scenario, or one of another API, is 400 with the nearest name, and changes nothing."""
    status, detail = control.problem("PUT", "scenario", body, key=key)
    assert status == 400 and says in detail
    assert control.mock.service.defaults.plans == {}
    assert key is None or control.mock.namespace("clado").plan is None


@pytest.mark.parametrize(("given", "pointers"), [
    ({}, [""]),
    ({"version": 1, "api": "clado", "progression": []}, ["/progression"]),
    (scenario("clado", "compleeted"), ["/progression/0/status"]),
    (scenario("clado", "pending", {"status": "searching", "bodi": {}}), ["/progression/1/bodi"]),
    (scenario("clado", "completed", "pending"), ["/progression/1/status"]),
    (scenario("clado", "pending", results={"count": -1}), ["/results/count"]),
    (scenario("clado", "pending", faults=[{"when": {"request": 0}, "respond": "x"}]),
     ["/faults/0/respond", "/faults/0/when/request"]),
    (scenario("clado", {"status": "completed", "body": {"results": 5}}), ["/progression/0/body/results"]),
])  # fmt: skip
@pytest.mark.parametrize(("method", "call"), [("PUT", "scenario"), ("POST", "jobs")])
def test_scenario_object_errors_carry_pointers(
    control: Control, method: str, call: str, given: Any, pointers: list[str]
) -> None:
    """The errors of a scenario object are listed one by one, each with a JSON Pointer."""
    answer = control(method, call, {"scenario": given}, key=CLADO)
    found = sorted({error["where"].partition("#")[2] for error in answer.body["errors"]})
    assert answer.status == 400 and answer.type == "application/problem+json"
    assert found == pointers if pointers != [""] else "" in found
    assert all(error["detail"] for error in answer.body["errors"])


# --- jobs ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("key", "body", "api", "name"), [
    (CLADO, {"scenario": "stuck"}, "clado", "clado/stuck"),
    (CLADO, {"scenario": "clado/stuck", "api": "clado"}, "clado", "clado/stuck"),
    (CLADO, {"scenario": "stuck", "id": "my-job"}, "clado", "clado/stuck"),
    (CLADO, {"scenario": scenario("clado", "searching"), "id": "x" * 200}, "clado", "scenario"),
    (ORBIT, {"scenario": "orbit/slow", "id": "a/b ü"}, "orbit", "orbit/slow"),
    ("lk_x--slow", {"scenario": "stuck"}, "clado", "clado/stuck"),
])  # fmt: skip
def test_post_job(control: Control, key: str, body: Any, api: str, name: str) -> None:
    """A job is made without a start call, with the given id or a UUID, and can be polled."""
    answer = control("POST", "jobs", body, key=key)
    job = answer.body["id"]
    assert (answer.status, answer.body) == (201, {"id": job, "api": api, "scenario": name})
    assert job == body["id"] if "id" in body else UUID(job)
    path = f"{JOBS[api]}/{job}".replace("a/b ü", "a%2Fb%20%C3%BC")
    assert control.mock.send("GET", path, key=key).status == 200
    assert control.mock.send("GET", path, key=f"{api[0]}x").status in (401, 403)


def test_post_job_begins_now_with_its_own_scenario(control: Control) -> None:
    """Its time begins with the call, and the scenario it names goes before the key's."""
    control.mock.advance(100)
    plan = scenario("clado", {"status": "pending", "after": {"seconds": 5}}, "error")
    job = control("POST", "jobs", {"scenario": plan}, key=CLADO).body["id"]
    control.mock.advance(4.999)
    assert json_of(control.mock.poll("clado", job))["status"] == "pending"
    control.mock.advance(0.001)
    assert json_of(control.mock.poll("clado", job))["status"] == "error"


@pytest.mark.parametrize(("name", "members"), [
    ("at-once", {"id", "section_generation"}),
    ("discovery-nobody", None),
])  # fmt: skip
def test_post_job_takes_the_run_shape_of_its_scenario(control: Control, name: str, members: set[str] | None) -> None:
    """A run that no start made has the scenario's run shape, or partial_plus_full."""
    job = control("POST", "jobs", {"scenario": name, "id": "r"}, key=ORBIT).body["id"]
    facts = control.mock.namespace("orbit").jobs[job].facts
    assert facts["run_shape"] == ("partial_plus_full" if members else "candidate_discovery")
    assert facts["run_id"]


def test_a_start_for_a_posted_job_is_answered_for_it(control: Control) -> None:
    """A start whose requestId a POST jobs took is 200 already_running, whatever it says, and costs nothing."""
    control("POST", "jobs", {"scenario": "at-once", "id": "r"}, key=ORBIT)
    facts = control.mock.namespace("orbit").jobs["r"].facts
    for more in ({}, {"email": "other@mail.invalid"}, {"runShape": "full_generation_only"}):
        body = {**STARTS["orbit"], "requestId": "r", **more}
        again = control.mock.send("POST", JOBS["orbit"], key=ORBIT, body=body)
        assert (again.status, json_of(again)["status"]) == (200, "already_running")
        assert (json_of(again)["request_id"], json_of(again)["run_id"]) == ("r", facts["run_id"])
    assert len(control.mock.namespace("orbit").jobs) == 1
    assert control.mock.namespace("orbit").credits.balance == 10_000


def test_post_job_without_a_key(control: Control) -> None:
    """A job belongs to a key, so without one the call is 400."""
    status, detail = control.problem("POST", "jobs", {"api": "clado", "scenario": "usual"})
    assert status == 400 and "bearer token" in detail


def test_post_job_with_a_taken_id(control: Control) -> None:
    """An id that the key already has is 409; another key may have it."""
    body = {"scenario": "usual", "id": "mine"}
    assert control("POST", "jobs", body, key=CLADO).status == 201
    says = "The id 'mine' is taken by another job of this key."
    assert control.problem("POST", "jobs", body, key=CLADO) == (409, says)
    assert control("POST", "jobs", body, key="lk_other").status == 201
    started = control.mock.start("clado")
    assert control.problem("POST", "jobs", {**body, "id": started}, key=CLADO)[0] == 409


@pytest.mark.parametrize("length", [0, 201, 5000])
def test_post_job_with_a_bad_id(control: Control, length: int) -> None:
    """An id has 1 to 200 characters."""
    status, detail = control.problem("POST", "jobs", {"scenario": "usual", "id": "x" * length}, key=CLADO)
    assert (status, detail) == (400, f"A job's id is a text of 1 to 200 characters, not {short_repr('x' * length)}.")


def test_post_job_for_another_api(control: Control) -> None:
    """Another `api` than the key's is 400."""
    problem = control.problem("POST", "jobs", {"scenario": "usual", "api": "orbit"}, key=CLADO)
    assert problem == (400, "The key belongs to clado, not to orbit.")


def test_post_job_charges_no_limit(control: Control) -> None:
    """Jobs made by control calls don't use the limit of start up."""
    control("PUT", "scenario", {"scenario": scenario("clado", "pending", switches={"tier": "free"})}, key=CLADO)
    for _ in range(20):
        assert control("POST", "jobs", {"scenario": "usual"}, key=CLADO).status == 201
    assert control.mock.start("clado")


def test_jobs(control: Control) -> None:
    """Jobs are listed with their current status, polls and age; the list changes nothing."""
    steps = ({"status": "pending", "after": {"seconds": 10}}, "searching", "completed")
    body = {"scenario": scenario("clado", *steps), "id": "a"}
    control("POST", "jobs", body, key=CLADO)
    control("POST", "jobs", {"scenario": "slow", "id": "b"}, key=ORBIT)
    control.mock.advance(9.5)
    control.mock.poll("clado", "a")
    first = control("GET", "jobs", key=CLADO).body
    control.mock.advance(0.5)
    second, third = (control("GET", "jobs", key=CLADO).body for _ in range(2))
    name = control.mock.namespace("clado").name
    whose = {"id": "a", "api": "clado", "namespace": name}
    entry = {**whose, "scenario": "scenario", "status": "pending", "polls": 1, "elapsed": 9.5}
    assert first == {"jobs": [entry]} and list(first["jobs"][0]) == list(entry)
    assert second == third == {"jobs": [{**entry, "status": "searching", "elapsed": 10.0}]}
    assert {job["id"] for job in control("GET", "jobs").body["jobs"]} == {"a", "b"}
    assert control("GET", "jobs", key="lk_new").body == {"jobs": []}


# --- the clock -----------------------------------------------------------------------------------------------------

def reading(seconds: float, mode: str = "manual", speed: float = 0.0) -> dict[str, Any]:
    now = EPOCH / SECOND + seconds
    return {
        "mode": mode, "speed": speed, "now": now, "started": EPOCH / SECOND, "elapsed": seconds, "due_in": None,
        "next_in": None, "answering": 0,
    }  # fmt: skip


@pytest.mark.parametrize("seconds", [0, 1, 0.001, 1e-9, 2.5, YEAR])
def test_advance(control: Control, seconds: float) -> None:
    """An advance moves one key's clock by exactly so many seconds and answers the new reading."""
    answer = control("POST", "clock/advance", {"seconds": seconds}, key=CLADO)
    assert (answer.status, answer.body) == (200, reading(seconds))
    assert control.mock.namespace("clado").clock.elapsed == round(seconds * SECOND)
    assert control("GET", "clock", key="lk_other").body == reading(0)
    assert control("GET", "clock").body == reading(0)


def test_decimal_seconds_are_exact(control: Control) -> None:
    """Ten advances of a tenth of a second are one second to the nanosecond: no float in between."""
    for _ in range(10):
        control("POST", "clock/advance", {"seconds": 0.1}, key=CLADO)
    assert control.mock.namespace("clado").clock.elapsed == SECOND


@pytest.mark.parametrize("raw", [
    "-1", "-0.001", "NaN", "Infinity", "-Infinity", "1e999", "1e9", str(YEAR + 1), "1" + "0" * 400, "true", "false",
    "null", '"5"', "[]", "{}",
])  # fmt: skip
@pytest.mark.parametrize("key", [CLADO, None])
def test_bad_advance(control: Control, raw: str, key: str | None) -> None:
    """Negative, endless, huge and non-numeric advances are 400 and move nothing."""
    control("GET", "clock", key=CLADO)
    status, detail = control.problem("POST", "clock/advance", f'{{"seconds": {raw}}}'.encode(), key=key)
    assert status == 400
    assert "seconds" in detail or "not JSON" in detail
    assert control.mock.namespace("clado").clock.elapsed == control.mock.service.namespaces.clock.elapsed == 0


def test_advance_without_a_key(control: Control) -> None:
    """Without a key all clocks move; a namespace to come begins at its own start."""
    for key in (CLADO, ORBIT):
        control("GET", "clock", key=key)
    assert control("POST", "clock/advance", {"seconds": 5}).body == reading(5)
    assert [control("GET", "clock", key=key).body for key in (CLADO, ORBIT, None)] == [reading(5)] * 3
    assert control("GET", "clock", key="lk_new").body["elapsed"] == 0


@pytest.mark.parametrize("key", [CLADO, None])
def test_put_clock(control: Control, key: str | None) -> None:
    """A clock keeps its reading in a new mode, and GET clock shows the same."""
    control("POST", "clock/advance", {"seconds": 7}, key=CLADO)
    scaled = control("PUT", "clock", {"mode": "scaled", "speed": 60}, key=key)
    assert scaled.status == 200 and subset({"mode": "scaled", "speed": 60.0}, scaled.body)
    assert subset({"mode": "real", "speed": 1.0}, control("PUT", "clock", {"mode": "real"}, key=key).body)
    control("PUT", "clock", {"mode": "manual"}, key=key)
    first, second = (control("GET", "clock", key=CLADO).body for _ in range(2))
    assert first == second and subset({"mode": "manual", "speed": 0.0}, first) and first["elapsed"] >= 7
    skipping = control("PUT", "clock", {"mode": "skip-delays"}, key=key).body
    assert subset({"mode": "skip-delays", "speed": 1.0}, skipping)
    last = control("GET", "clock", key=CLADO).body
    assert subset({"mode": "skip-delays", "speed": 1.0}, last) and last["elapsed"] >= first["elapsed"]


def test_put_clock_without_a_key_goes_on_from_the_present_reading(control: Control) -> None:
    """A mode set for all moves no clock, and a namespace to come begins at the server's start, not at wall time."""
    control("POST", "clock/advance", {"seconds": 7}, key=CLADO)
    control("POST", "clock/advance", {"seconds": 2})
    control("PUT", "clock", {"mode": "scaled", "speed": 1e-6})
    assert control("PUT", "clock", {"mode": "manual"}).body["elapsed"] == pytest.approx(2, abs=1e-3)
    answers = [control("GET", "clock", key=key).body["elapsed"] for key in (CLADO, None, "lk_new")]
    assert answers == pytest.approx([9, 2, 0], abs=1e-3)


def test_put_clock_without_a_key_is_for_those_to_come(control: Control) -> None:
    """Without a key a mode is set for all clocks, open and new; with a key for that one only."""
    control("GET", "clock", key=CLADO)
    control("PUT", "clock", {"mode": "scaled", "speed": 2})
    assert {control("GET", "clock", key=key).body["speed"] for key in (CLADO, "lk_new", None)} == {2.0}
    control("PUT", "clock", {"mode": "manual"}, key=CLADO)
    modes = [control("GET", "clock", key=key).body["mode"] for key in (CLADO, "lk_new", None)]
    assert modes == ["manual", "scaled", "scaled"]


SPEED = "A scaled clock has a 'speed' above 0, and no other has one."


@pytest.mark.parametrize(("raw", "says"), [
    ('{"mode": "fast"}', "'mode' is 'fast'. Allowed: real, scaled, manual, skip-delays."),
    ('{"mode": "scale"}', "Did you mean 'scaled'?"),
    ('{"mode": ""}', "'mode' is ''."),
    ('{"mode": "scaled"}', SPEED),
    ('{"mode": "real", "speed": 1}', SPEED),
    ('{"mode": "manual", "speed": 5}', SPEED),
    ('{"mode": "skip-delays", "speed": 0}', SPEED),
    ('{"mode": "scaled", "speed": 0}', "not 0."),
    ('{"mode": "scaled", "speed": -1}', "not -1."),
    ('{"mode": "scaled", "speed": NaN}', "not JSON"),
    ('{"mode": "scaled", "speed": 1e7}', "at most 1000000"),
    ('{"mode": "scaled", "speed": Infinity}', "not JSON"),
    ('{"mode": "scaled", "speed": true}', "'speed' is true. Allowed: a number."),
    ('{"mode": "scaled", "speed": "2"}', "'speed' is '2'. Allowed: a number."),
    ('{"mode": "scaled", "speed": null}', "'speed' is null. Allowed: a number."),
])  # fmt: skip
def test_bad_clock(control: Control, raw: str, says: str) -> None:
    """A bad mode or speed is 400 with what is allowed, and the clock stays as it was."""
    status, detail = control.problem("PUT", "clock", raw.encode(), key=CLADO)
    assert status == 400 and says in detail
    assert control("GET", "clock", key=CLADO).body == reading(0)


# --- journal and reset ---------------------------------------------------------------------------------------------

MEMBERS = ["number", "at", "namespace", "api", "operation", "job", "method", "path", "query", "status", "step", "fault"]


def test_journal(control: Control) -> None:
    """The journal of a key has its exchanges, in order, in plain JSON values with `at` in seconds."""
    control.mock.advance(1.5)
    job = control.mock.start("clado")
    control.mock.poll("clado", job, query="page=1")
    control.mock.start("clado", "lk_other")
    journal = control("GET", "journal", key=CLADO).body
    assert list(journal) == ["exchanges", "dropped", "end"] and journal["dropped"] == 0
    first, second = journal["exchanges"]
    assert list(first)[:12] == MEMBERS
    name = control.mock.namespace("clado").name
    of_request = "GET", f"{JOBS['clado']}/{job}", "page=1", 200, 1, None
    values = (2, EPOCH / SECOND + 1.5, name, "clado", "status", job, *of_request)
    assert subset(dict(zip(MEMBERS, values, strict=True)), second)
    assert (first["number"], first["operation"], first["step"]) == (1, "start", None)


def test_journal_without_a_key(control: Control) -> None:
    """Without a key all journals are merged by time, with the requests that opened no namespace."""
    control.mock.start("clado")
    control.mock.advance(1, "orbit")
    control.mock.start("orbit")
    control.mock.send("GET", "/nothing")
    exchanges = control("GET", "journal").body["exchanges"]
    found = [(exchange["api"], exchange["status"]) for exchange in exchanges]
    assert found == [("clado", 200), ("clado", 404), ("orbit", 202)]


def test_journal_shows_no_key(control: Control) -> None:
    """A key in a path or a query is cut down to its prefix."""
    control.mock.poll("clado", "lk_secret42", "lk_secret42", "k=lk_secret42")
    answers = [control("GET", "journal", key=key).body for key in ("lk_secret42", None)]
    assert "secret42" not in json.dumps(answers) and "lk_" in json.dumps(answers)


def test_journal_says_what_was_dropped(control: Control) -> None:
    """The journal shows how many exchanges were dropped."""
    control.mock.namespace("clado").journal._most = 2
    for _ in range(5):
        control.mock.poll("clado", "x")
    journal = control("GET", "journal", key=CLADO).body
    assert (len(journal["exchanges"]), journal["dropped"]) == (2, 3)


def test_delete_journal(control: Control) -> None:
    """A key's journal is cleared alone; without a key all are, and the answer says how many exchanges went."""
    for key in ("lk_a", "lk_a", "lk_b"):
        control.mock.poll("clado", "x", key)
    control.mock.send("GET", "/nothing")
    assert control("DELETE", "journal", key="lk_a").body == {"cleared": 2}
    assert control("GET", "journal", key="lk_a").body == {"exchanges": [], "dropped": 0, "end": "0-0-0"}
    assert control("DELETE", "journal").body == {"cleared": 2}
    assert control("GET", "journal").body == {"exchanges": [], "dropped": 0, "end": "0-0-0"}


def filled(control: Control, key: str) -> str:
    """Give a key a scenario, a job, a full bucket, some time and two exchanges."""
    limits = {"start": {"requests": 1, "seconds": 60}}
    control("PUT", "scenario", {"scenario": scenario("clado", "searching", limits=limits)}, key=key)
    job = control.mock.start("clado", key)
    control("POST", "clock/advance", {"seconds": 9}, key=key)
    assert control.mock.send("POST", JOBS["clado"], key=key, body=STARTS["clado"]).status == 429
    return job


def test_reset_of_a_key(control: Control) -> None:
    """A reset clears one key's jobs, clock, buckets and journal, says so, and keeps its scenario."""
    job, other = filled(control, "lk_a"), filled(control, "lk_b")
    cleared = control("POST", "reset", key="lk_a").body["cleared"]
    assert cleared == {"namespaces": 1, "jobs": 1, "clock": 9.0, "buckets": 1, "credits": 0, "journal": 2}
    assert control("GET", "jobs", key="lk_a").body == {"jobs": []}
    assert control("GET", "journal", key="lk_a").body["exchanges"] == []
    assert control("GET", "clock", key="lk_a").body == reading(0)
    assert control.mock.poll("clado", job, "lk_a").status == 404
    assert plays(control, "lk_a") == "scenario"
    assert control.mock.poll("clado", other, "lk_b").status == 200
    assert control("GET", "clock", key="lk_b").body == {**reading(9), "next_in": 51}


def test_reset_at_a_start_of_its_own(control: Control) -> None:
    """A reset may name the date at which a key's clock begins; the next one puts it back."""
    for start, now in (({"start": "2030-06-01T02:00:00+02:00"}, 1_906_502_400), ({}, EPOCH / SECOND)):
        control("POST", "reset", start, key=CLADO)
        clock = control("GET", "clock", key=CLADO).body
        assert (clock["now"], clock["elapsed"]) == (now, 0)


def test_a_start_that_is_none(control: Control) -> None:
    """A date that is none, a number, another field, and a start without a key are refused, and nothing is cleared."""
    filled(control, CLADO)
    for body, key, told in (
        ({"start": "soon"}, CLADO, "'start' is 'soon'. Allowed: a date"),
        ({"start": 5}, CLADO, "'start' is 5. Allowed: text."),
        ({"stat": "2030-06-01"}, CLADO, "Unknown field 'stat'. Allowed: start. Did you mean 'start'?"),
        ({"start": "2030-06-01"}, None, "A 'start' belongs to a key"),
    ):
        refused = control("POST", "reset", body, key=key)
        assert refused.status == 400 and told in refused.body["detail"]
    assert len(control("GET", "jobs", key=CLADO).body["jobs"]) == 1


def test_reset_without_a_key(control: Control) -> None:
    """Without a key all namespaces are cleared, and the exchanges outside of them."""
    for key in ("lk_a", "lk_b"):
        filled(control, key)
    control.mock.send("GET", "/nothing")
    cleared = control("POST", "reset").body["cleared"]
    assert cleared == {"namespaces": 2, "jobs": 2, "clock": 18.0, "buckets": 2, "credits": 0, "journal": 5}
    assert control("GET", "jobs").body["jobs"] == [] == control("GET", "journal").body["exchanges"]
    assert [control("GET", "clock", key=key).body for key in ("lk_a", "lk_b")] == [reading(0)] * 2
    assert [plays(control, key) for key in ("lk_a", "lk_b")] == ["scenario"] * 2


def test_reset_without_a_key_puts_the_shared_clock_back(control: Control) -> None:
    """The shared clock restarts too, in its mode."""
    control("PUT", "clock", {"mode": "scaled", "speed": 1e-6})
    control("POST", "clock/advance", {"seconds": 5})
    control("POST", "reset")
    assert subset({"mode": "scaled", "elapsed": pytest.approx(0, abs=1e-3)}, control("GET", "clock").body)


@pytest.mark.parametrize("key", [ORBIT, None])
def test_reset_tells_of_credits_and_gives_the_same_ids_again(control: Control, key: str | None) -> None:
    """A reset returns the spent credits, and new jobs get the same ids as before."""
    first = control.mock.send("POST", JOBS["orbit"], key=ORBIT, body=STARTS["orbit"])
    cleared = control("POST", "reset", key=key).body["cleared"]
    assert subset({"jobs": 1, "credits": 10, "clock": 0.0}, cleared)
    again = control.mock.send("POST", JOBS["orbit"], key=ORBIT, body=STARTS["orbit"])
    assert (again.status, again.body, again.headers) == (first.status, first.body, first.headers)


def test_reset_keeps_the_clocks_mode(control: Control) -> None:
    """A reset puts the clock back to its start, in the mode it has."""
    control("PUT", "clock", {"mode": "manual"}, key=CLADO)
    control("POST", "clock/advance", {"seconds": 3}, key=CLADO)
    control("POST", "reset", key=CLADO)
    assert control("GET", "clock", key=CLADO).body == reading(0)


def test_reset_of_an_empty_server(control: Control) -> None:
    """A reset of nothing says that it cleared nothing."""
    assert set(control("POST", "reset").body["cleared"].values()) == {0}


LATE = {"when": {"every": 1}, "respond": {"status": 503}, "retry_after": {"date": 31_536_000}}


def test_no_clock_goes_past_its_end(control: Control) -> None:
    """A call that would take one of the clocks past 9998-01-01 is refused and moves none; answers still have dates."""
    control("GET", "clock", key=CLADO)
    clock = control.mock.namespace("clado").clock
    clock.restart(253_339_228_799 * SECOND)
    status, detail = control.problem("POST", "clock/advance", {"seconds": 2})
    assert (status, detail.partition(",")[0]) == (400, "A clock goes to 9998-01-01T00:00:00Z at most")
    assert clock.elapsed == control.mock.service.namespaces.clock.elapsed == 0
    assert control("POST", "clock/advance", {"seconds": 1}, key=CLADO).status == 200
    job = control.mock.play("clado", scenario("clado", "pending", faults=[LATE]))
    headers = dict(control.mock.poll("clado", job).headers)
    assert headers[b"retry-after"] == b"Fri, 01 Jan 9999 00:00:00 GMT"
