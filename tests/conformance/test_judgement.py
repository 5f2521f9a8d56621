"""A case is failed for exactly what the client did wrong, and passed by a client that did nothing wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api_facts import OWN
from tests.conformance.reference import reference
from tests.timelines.pages import checked as page_of

from jobmock import apis
from jobmock.conformance.cases import ACTIONS
from jobmock.conformance.clients.callable_client import CallableClient
from jobmock.conformance.clients.task import Task
from jobmock.conformance.playing import play_cases
from jobmock.conformance.reports import FORMATS
from jobmock.conformance.scorecard import NOT_SUPPORTED, CaseResult, Scorecard
from jobmock.conformance.suite import load_suite

SUITE = """\
version: 1
api: clado
query: somebody
cases:
  - {{id: mine, group: own, title: The client does it., action: {action}, scenario: {scenario}, expect: {{{expect}}}}}
"""
KEY = "lk_0123456789abcdef0123"
STEPS = "{progression: [{status: processing, after: {polls: 2}}, {status: completed}]}"


def judged(folder: Path, client: Callable[[Task], Any], action: str, expect: str, scenario: str = STEPS) -> CaseResult:
    """Return the result of a client in one case."""
    (folder / "own.yaml").write_text(SUITE.format(action=action, scenario=scenario, expect=expect), "utf-8")
    cases = load_suite("clado", [folder]).chosen(cases=["mine"])
    (result,) = play_cases(CallableClient(client, apis.load("clado")), cases, capabilities=ACTIONS)
    return result


def asks_nothing(task: Task) -> Any:
    """Return without a request."""
    return {"status": "completed"}


def fails(task: Task) -> Any:
    """Fail after all is done."""
    reference(task)
    raise RuntimeError("no reason")


def hides_failure(task: Task) -> Any:
    """Return a failure as a value."""
    try:
        return reference(task)
    except Exception as error:
        return {"reason": str(error)}


def changed(**members: Any) -> Callable[[Task], Any]:
    """Return a client that returns other members than those of the answer."""
    return lambda task: {**reference(task), **members}


def polls_on(task: Task) -> Any:
    """Poll on after the end."""
    answers = [reference(task) for _ in range(4) if not time.sleep(5)]  # type: ignore[func-returns-value]
    return answers[-1]


def starts_twice(task: Task) -> Any:
    """Start the work twice."""
    return [reference(task) for _ in range(2)][-1]


def sleeps(task: Task) -> Any:
    """Return late."""
    found = reference(task)
    time.sleep(1_000)
    return found


def polls_for_ever(task: Task) -> Any:
    """Never return."""
    path, head = f"/api/search/deep_research/{task.job_id}", {"Authorization": f"Bearer {task.api_key}"}
    with httpx.Client(base_url=task.url, headers=head) as http:
        while True:
            http.get(path)
            time.sleep(60)


FAILED = "{progression: [{status: error}]}"
WRONG: dict[str, tuple[Callable[[Task], Any], str, str, str]] = {
    "nothing-asked": (asks_nothing, "poll", "outcome: returns", STEPS),
    "returns": (fails, "poll", "outcome: returns", STEPS),
    "fails": (hides_failure, "poll", "outcome: fails", FAILED),
    "status": (changed(status="processing"), "poll", "outcome: returns, status: completed", STEPS),
    "people": (changed(results=[{"id": 1}]), "poll", "outcome: either, people: 3", STEPS),
    "polled-after-end": (polls_on, "poll", "outcome: returns, silent: [polled-after-end]", STEPS),
    "requests": (starts_twice, "start", "outcome: returns, requests: {start: {to: 1}}", STEPS),
    "credits": (starts_twice, "start", "outcome: returns, credits: {to: 3}", STEPS),
    "seconds": (sleeps, "poll", "outcome: returns, seconds: {to: 900}", STEPS),
    "stopped": (polls_for_ever, "poll", "outcome: either", STEPS),
}
"""What a client is failed for: the client, and action, expectation and scenario of the case."""


@pytest.mark.parametrize("expected", WRONG)
def test_a_wrong_client_is_failed_for_what_it_did(tmp_path: Path, expected: str) -> None:
    """The client fails by the expectation that it doesn't meet, and by no other; the remedy says what to do."""
    client, *case = WRONG[expected]
    found = judged(tmp_path, client, *case)
    assert [failure.expected for failure in found.failures] == [expected]
    assert all(failure.evidence and failure.remedy.endswith(".") for failure in found.failures)
    assert found.result == "failed"


@pytest.mark.parametrize("expected", [name for name in WRONG if name != "nothing-asked"])
def test_a_correct_client_passes_the_same_case(tmp_path: Path, expected: str) -> None:
    """The reference client passes each case that one of the wrong clients fails."""
    _, *case = WRONG[expected]
    assert judged(tmp_path, reference, *case).result == "passed"


def tells_key(task: Task) -> Any:
    """Fail without a request, with the key in the reason."""
    raise RuntimeError(f"{KEY} is refused")


def tells_key_after_a_request(task: Task) -> Any:
    """Fail after a request, with the key in the reason."""
    reference(task)
    raise RuntimeError(f"{KEY} is refused")


@pytest.mark.parametrize(
    "client", [tells_key, tells_key_after_a_request, lambda task: KEY, changed(status=KEY, results=[{"key": KEY}])]
)  # fmt: skip
def test_no_report_has_a_key(tmp_path: Path, client: Callable[[Task], Any]) -> None:
    """A key in a client's command, in what it returns, or in why it fails, isn't in any report."""
    result = judged(tmp_path, client, "poll", "outcome: returns, status: completed, people: 3")
    assert result.result == "failed"
    card = Scorecard(api="clado", client=f"-- client --key {KEY}", results=[result])
    assert [form for form in FORMATS.names if KEY in FORMATS.render(card, form)] == []


def test_the_page_has_the_picture_of_a_failed_case(tmp_path: Path) -> None:
    """A case that failed has its lanes and requests in the page, and one that passed has none."""
    expects = "outcome: returns, status: completed, people: 3"
    results = [judged(tmp_path, client, "poll", expects) for client in (lambda task: reference(task) and {}, reference)]
    pages = [page_of(FORMATS.render(Scorecard(api="clado", client="x", results=[one]), "html")) for one in results]
    assert ["figure" in page.tags for page in pages] == [True, False]
    assert "mine (must): failed" in pages[0].text and "people" in pages[0].text


def test_what_a_client_cannot_do_is_never_a_pass(tmp_path: Path) -> None:
    """A case whose action isn't among the client's capabilities isn't played, and is not supported."""
    cases = load_suite("clado").chosen(groups=["pages"])
    found = play_cases(CallableClient(asks_nothing, apis.load("clado")), cases, capabilities=["poll"])
    assert {result.result for result in found} == {NOT_SUPPORTED}
    assert all("'pages'" in str(result.reason) for result in found)


@pytest.mark.parametrize("api", OWN)
def test_the_reference_client_conforms(api: str) -> None:
    """The reference client passes every case of the bundled suites."""
    results = play_cases(CallableClient(reference, apis.load(api)), load_suite(api).cases, capabilities=ACTIONS)
    assert {result.case.id: result.reason for result in results if result.result != "passed"} == {}
