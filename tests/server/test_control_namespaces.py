"""Control calls by the public name of a namespace, for those who have no key, such as the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from tests.server.test_control import Control
from tests.support import EPOCH, KEYS, Mock

from jobmock.clock import SECOND

CLADO, OTHER = KEYS["clado"], "lk_other"
YAML = "version: 1\napi: clado\nprogression:\n  - status: searching\n    after: {seconds: 7}\n  - status: completed\n"


@pytest.fixture
def control(mock: Mock) -> Control:
    return Control(mock)


@pytest.fixture
def name(control: Control) -> str:
    """The name of a namespace, beside another one."""
    control.mock.namespace("clado", OTHER)
    return control.mock.namespace("clado", CLADO).name


@pytest.mark.parametrize(("method", "call", "body"), [
    ("POST", "clock/advance", {"seconds": 3}), ("PUT", "clock", {"mode": "real"}), ("GET", "clock", {}),
    ("PUT", "scenario", {"scenario": "clado/slow"}), ("POST", "jobs", {"scenario": "clado/slow", "id": "job-1"}),
    ("PUT", "credits", {"balance": 3}), ("GET", "credits", {}), ("POST", "reset", {}), ("DELETE", "journal", {}),
    ("GET", "jobs", {}), ("GET", "journal", {}), ("GET", "findings", {}), ("GET", "timeline", {}), ("GET", "har", {}),
])  # fmt: skip
def test_a_name_does_what_its_key_does(
    control: Control, name: str, method: str, call: str, body: dict[str, Any]
) -> None:
    """Each call answers alike for the name and for the key, and changes that namespace alone."""
    by_name = control(method, call, {**body, "namespace": name})
    assert by_name.status in (200, 201)
    mode = control.mock.namespace("clado", CLADO).clock.mode
    by_key = control(method, call, {**body, "id": "job-2"} if "id" in body else body, key=CLADO)
    assert by_key.status == by_name.status and type(by_key.body) is type(by_name.body)
    other = control.mock.namespace("clado", OTHER)
    assert (other.clock.mode, other.clock.elapsed, other.plan, len(other.jobs)) == ("manual", 0, None, 0)
    assert mode == ("real" if call == "clock" and method == "PUT" else "manual")


@pytest.mark.parametrize(("method", "call"), [
    ("POST", "clock/advance"), ("PUT", "scenario"), ("POST", "jobs"), ("GET", "timeline"), ("GET", "har"),
])  # fmt: skip
@pytest.mark.parametrize("wrong", ["clado-000000", "", 7, None])
def test_a_wrong_name_is_refused(control: Control, method: str, call: str, wrong: Any) -> None:
    """A name that no open namespace has is 404 in words; null is none, so the call may be about all."""
    status = control(method, call, {"namespace": wrong, "seconds": 1, "scenario": "clado/slow"}).status
    assert status == (404 if wrong is not None else 400)


def test_requests_without_a_key_are_read_alone(control: Control, name: str) -> None:
    """`without-key` selects them in calls that read requests, and is refused by all others."""
    control.mock.send("GET", "/nowhere")
    control.mock.poll("clado", "x", CLADO)
    journal = control("GET", "journal?namespace=without-key").body
    assert [row["path"] for row in journal["exchanges"]] == ["/nowhere"]
    findings = control("GET", "findings?namespace=without-key").body["findings"]
    assert {row["rule"] for row in findings} == {"unknown-route"}
    assert control("GET", "timeline?namespace=without-key").body == {"jobs": [], "more": 0}
    entries = control("GET", "har?namespace=without-key").body["log"]["entries"]
    assert [entry["request"]["url"] for entry in entries] == ["http://localhost/nowhere"]
    for method, call in (("GET", "clock"), ("POST", "clock/advance"), ("DELETE", "journal"), ("GET", "jobs")):
        status, detail = control.problem(method, call, {"namespace": "without-key"})
        assert (status, "only for GET of: findings, har, journal, timeline" in detail) == (400, True)


def test_timeline(control: Control, name: str) -> None:
    """It has the statuses that each job had, also those that no poll has seen, in seconds since 1970."""
    job = control("POST", "jobs", {"namespace": name, "yaml": YAML}).body["id"]
    control("POST", "clock/advance", {"namespace": name, "seconds": 30})
    control.mock.poll("clado", job, CLADO)
    begin = EPOCH / SECOND
    spans = [
        {"status": "searching", "from": begin, "to": begin + 7}, {"status": "completed", "from": begin + 7, "to": None},
    ]  # fmt: skip
    row = {"id": job, "scenario": "scenario", "made": begin, "status": "completed", "spans": spans}
    assert control("GET", f"timeline?namespace={name}").body == {"jobs": [row], "more": 0}


def test_next_event(control: Control, name: str) -> None:
    """`next_in` of a clock is the time until a job enters its next step, and null if nothing is to come."""
    assert control("GET", f"clock?namespace={name}").body["next_in"] is None
    control("POST", "jobs", {"namespace": name, "yaml": YAML})
    assert control("GET", f"clock?namespace={name}").body["next_in"] == 7
    assert control("POST", "clock/advance", {"namespace": name, "seconds": 3}).body["next_in"] == 4
    assert control("POST", "clock/advance", {"namespace": name, "seconds": 4}).body["next_in"] is None


def test_har(control: Control, name: str) -> None:
    """Each request is an entry with method, URL, status, time and whose it is. There is no key in it."""
    control.mock.poll("clado", "x", CLADO)
    control.mock.advance(5, "clado", CLADO)
    control.mock.send("GET", "/api/credits", query="page=2&q=a+b", key=CLADO)
    first, second = control("GET", f"har?namespace={name}").body["log"]["entries"]
    assert (first["response"]["status"], first["_namespace"]) == (404, name)
    assert second["request"]["url"] == "http://localhost/api/credits?page=2&q=a+b"
    assert second["request"]["queryString"] == [{"name": "page", "value": "2"}, {"name": "q", "value": "a b"}]
    begun = [entry["startedDateTime"] for entry in (first, second)]
    assert begun == ["2026-01-01T00:00:00+00:00", "2026-01-01T00:00:05+00:00"]
    assert CLADO not in str((first, second))


def test_har_of_a_job_that_is_not_there(control: Control, name: str) -> None:
    """It is refused as by the journal, and a field that the call doesn't have too."""
    for query, expected in ((f"namespace={name}&job=nope", 404), ("job=nope", 404), ("format=text", 400)):
        assert control.problem("GET", f"har?{query}")[0] == expected


@pytest.mark.parametrize("call", ["health", "scenarios", "clock", "credits", "openapi/clado.json", "events", "metrics"])
def test_a_field_that_a_call_has_not(control: Control, call: str) -> None:
    """Each call refuses a field that it doesn't know, and says what is allowed; none may be given twice."""
    status, detail = control.problem("GET", f"{call}?x=1")
    assert (status, detail) == (400, "Unknown field 'x'. Allowed: none.")
    assert control.problem("GET", f"{call}?x=1&x=2")[0] == 400
    assert control.problem("GET", "journal?since=1&since=2") == (400, "The field 'since' is given twice.")


def test_outcomes(control: Control, name: str) -> None:
    """Each exchange of the journal says what became of its answer."""
    control.mock.send("GET", "/api/credits", key=CLADO)
    control.mock.poll("clado", "x", CLADO)
    rows = control("GET", f"journal?namespace={name}").body["exchanges"]
    assert [row["outcome"] for row in rows] == ["answered", "refused"]


@pytest.mark.parametrize("query", ["name=clado/slow", "name=clado/slow&format=yaml"])
def test_scenario_as_yaml(control: Control, query: str) -> None:
    """A scenario is answered as the text that plays it, when it is given back."""
    answer = control("GET", f"scenario?{query}")
    assert answer.type.startswith("application/yaml") and "status: searching" in answer.body
    assert control("POST", "lint", {"yaml": answer.body}).body == {"api": "clado", "errors": []}


def test_scenario_of_a_job(control: Control, name: str) -> None:
    """What a job plays is answered too, also if it was given as text."""
    job = control("POST", "jobs", {"namespace": name, "yaml": YAML}).body["id"]
    answer = control("GET", f"scenario?namespace={name}&job={quote(job)}")
    assert "after:\n      seconds: 7" in answer.body or "seconds: 7" in answer.body
    assert control.problem("GET", f"scenario?namespace={name}&job=nothing")[0] == 404


@pytest.mark.parametrize(("query", "text"), [
    ("", "Send either 'name'"), ("name=clado/slow&job=x", "Send either 'name'"), ("job=x", "A job belongs to a key"),
    ("name=clado/slow&format=html", "'format' is 'html'. Allowed: yaml, text, svg."),
    ("name=clado/slo", "Did you mean 'clado/slow'?"), ("nam=x", "Unknown field 'nam'."),
])  # fmt: skip
def test_scenario_that_is_none(control: Control, query: str, text: str) -> None:
    """A wrong question for a scenario is answered with what is allowed."""
    status, detail = control.problem("GET", f"scenario?{query}")
    assert status == 400 and text in detail


@pytest.mark.parametrize(("text", "line"), [
    ("version: 1\napi: clado\nprogression:\n  - status: pendingg\n", 4), ("version: 1\napi: ]\n", 2), ("a: &x [*x]", 1),
])  # fmt: skip
def test_lint_names_the_lines(control: Control, text: str, line: int) -> None:
    """Each error of a text has its line, and a scenario with an error isn't played."""
    errors = control("POST", "lint", {"yaml": text}).body["errors"]
    assert line in [error["line"] for error in errors] and all(error["detail"] for error in errors)
    assert {error["severity"] for error in errors} == {"error"}
    status, detail = control.problem("PUT", "scenario", {"yaml": text})
    assert status == 400 and errors[0]["detail"] in detail


@pytest.mark.parametrize("body", [{}, {"scenario": "clado/slow", "yaml": YAML}])
@pytest.mark.parametrize(("method", "call"), [("PUT", "scenario"), ("POST", "jobs")])
def test_one_scenario_is_given(control: Control, method: str, call: str, body: dict[str, str]) -> None:
    """A call gives a scenario by its name or as text, and not by both."""
    assert control.problem(method, call, body, key=CLADO) == (
        400, "A call gives one scenario: 'scenario' is its name or an object, 'yaml' is its text."
    )  # fmt: skip
