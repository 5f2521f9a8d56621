"""Whose an exchange is, in the answers of control calls, and how journals are selected by that, by job and by time."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from tests.server.test_control import CALLS, Control
from tests.support import EPOCH, KEYS, Mock

from jobmock.clock import SECOND
from jobmock.server.control import journals

CLADO, ORBIT, SLOW = KEYS["clado"], KEYS["orbit"], "lk_secret--slow"


@pytest.fixture
def control(mock: Mock) -> Control:
    return Control(mock)


def rows(
    control: Control, query: str = "", key: str | None = None, after: str = ""
) -> list[tuple[str | None, int]]:
    """Return the exchanges of all pages of the journal, each by the name of its namespace and its number."""
    found = list[tuple[str | None, int]]()
    for _ in range(50):
        page = control("GET", f"journal?{query}{after}", key=key).body
        found += [(one["namespace"], one["number"]) for one in page["exchanges"]]
        if "next" not in page:
            return found
        after = f"&after={page['next']}"
    raise AssertionError("The pages don't end.")


def polled(control: Control, api: str, key: str, times: int) -> tuple[str, str]:
    """Start a job, and poll it once a second. Return its id, and the public name of the key."""
    job = control.mock.start(api, key)
    for _ in range(times):
        control.mock.advance(1, api, key)
        control.mock.poll(api, job, key)
    return job, control.mock.namespace(api, key).name


def test_each_row_says_whose_it_is(control: Control) -> None:
    """Journal, jobs and findings have the public name of the namespace: no key, and null where there was none."""
    (one, first), (two, second) = (polled(control, "clado", key, 1) for key in (CLADO, SLOW))
    control.mock.send("GET", "/nowhere")
    of_first, of_second = ([(name, 1), (name, 2)] for name in (first, second))
    assert sorted(rows(control), key=str) == sorted([*of_first, *of_second, (None, 1)], key=str)
    assert rows(control, key=SLOW) == of_second
    jobs = control("GET", "jobs").body["jobs"]
    assert {job["id"]: job["namespace"] for job in jobs} == {one: first, two: second}
    found = control("GET", "findings").body["findings"]
    assert {(row["rule"], row["namespace"]) for row in found} == {("unknown-route", None)}
    assert second.endswith("--slow") and "secret" not in str((jobs, control("GET", "journal").body, found))


@pytest.mark.parametrize("page", [2, 1_000])
def test_the_journal_is_selected(control: Control, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """By the name of a namespace, by a job and by a time, alone and together, in pages without a key."""
    monkeypatch.setattr(journals, "PAGE", page)
    first, name = polled(control, "clado", CLADO, 3)
    second, _ = polled(control, "clado", CLADO, 2)
    polled(control, "orbit", ORBIT, 4)
    whole = [(name, number) for number in range(1, 8)]
    since = control("GET", "journal", key=CLADO).body["exchanges"][2]["at"]
    assert since == EPOCH / SECOND + 2
    assert rows(control, f"namespace={name}") == whole == rows(control, key=CLADO)
    assert rows(control, "", CLADO, "&after=0-0-0") == whole
    assert rows(control, f"job={first}") == whole[:4] == rows(control, f"job={first}", CLADO)
    assert rows(control, f"job={second}&namespace={name}&since={since}") == whole[4:]
    assert rows(control, f"namespace={name}&since={since}") == whole[2:] == rows(control, f"since={since}", CLADO)
    assert rows(control, f"namespace={name}&since={since + 100}") == []


def test_jobs_and_findings_are_selected(control: Control) -> None:
    """The name of a namespace does what its key does, also for the outcome of the client's call."""
    job, name = polled(control, "clado", CLADO, 1)
    polled(control, "orbit", ORBIT, 1)
    for call in ("jobs", "findings", f"findings?outcome=raised&job={job}"):
        mark = "&" if "?" in call else "?"
        assert control("GET", f"{call}{mark}namespace={name}").body == control("GET", call, key=CLADO).body


def test_a_job_without_exchanges_is_known(control: Control) -> None:
    """A job that nobody has polled yet has no exchanges, and that is no mistake."""
    control("POST", "jobs", {"scenario": "usual", "id": "lk_like-a-key"}, key=CLADO)
    shown = control("GET", "jobs").body["jobs"][0]["id"]
    for query in ("job=lk_like-a-key", f"job={quote(shown)}"):
        assert rows(control, query) == rows(control, query, CLADO) == []


@pytest.mark.parametrize("call", ["journal", "jobs", "findings", "journal?format=text"])
def test_a_name_that_no_open_namespace_has(control: Control, call: str) -> None:
    """An unknown name is refused in words, and so is another name than that of the key."""
    mark = "&" if "?" in call else "?"
    own = control.mock.namespace("clado").name
    assert control.problem("GET", f"{call}{mark}namespace=clado-xyz") == (404, (
        "No open namespace has the name 'clado-xyz'. GET jobs and GET journal show the names. Each start of the server"
        " makes new ones."
    ))  # fmt: skip
    wrong = control.problem("GET", f"{call}{mark}namespace=clado-xyz", key=CLADO)
    assert wrong == (400, f"The key's namespace is {own!r}, not 'clado-xyz'. Send one of the two.")


@pytest.mark.parametrize("key", [None, CLADO])
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_job_that_nobody_knows(control: Control, key: str | None, form: str) -> None:
    """A job that isn't there, and that no exchange is about, is refused in words."""
    polled(control, "clado", CLADO, 1)
    assert control.problem("GET", f"journal?job=x&format={form}", key=key) == (
        404, "No exchange is about the job 'x', and it isn't there. GET jobs shows the jobs that there are.",
    )  # fmt: skip


@pytest.mark.parametrize("key", [None, CLADO])
@pytest.mark.parametrize("since", ["yesterday", "", "nan", "-inf", "1e999", "2026-01-01"])
def test_a_wrong_since(control: Control, since: str, key: str | None) -> None:
    """A time that isn't a number of seconds is refused with what is allowed."""
    allowed = "a reading of the clock in seconds since 1970-01-01 UTC, such as 'at' of an exchange"
    problem = control.problem("GET", f"journal?since={since}", key=key)
    assert problem == (400, f"'since' is {since!r}. Allowed: {allowed}.")


@pytest.mark.parametrize("key", [None, CLADO])
def test_an_unknown_field(control: Control, key: str | None) -> None:
    """A field that the journal doesn't know is refused, with a key too."""
    status, detail = control.problem("GET", "journal?jobs=x", key=key)
    allowed = "namespace, job, since, format, after"
    assert (status, detail) == (400, f"Unknown field 'jobs'. Allowed: {allowed}. Did you mean 'job'?")


@pytest.mark.parametrize(("method", "call"), [*CALLS, ("GET", "openapi/clado.json"), ("GET", "none"), ("POST", "jobs")])
def test_answers_end_with_a_newline(control: Control, method: str, call: str) -> None:
    """Each answer, also a problem document, ends with one newline, so a shell's prompt is on a line of its own."""
    for body in (None, {"seconds": 1}):
        raw: Any = control(method, call, body, key=CLADO).raw
        assert raw.endswith(b"\n") and not raw.endswith(b"\n\n")
