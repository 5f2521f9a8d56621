"""The bundled suites reach every documented code, status and limit, and every known bug of polling clients."""

from __future__ import annotations

from functools import cache

import pytest
from tests.api_facts import OWN

from jobmock import apis
from jobmock.conformance.cases import ACTIONS, Case
from jobmock.conformance.suite import load_suite
from jobmock.contract.documents import definitions

APIS = OWN
BUGS = {
    "unknown status": ("clado", "unknown-status"),
    "no deadline": ("clado", "stuck"),
    "last allowed poll": ("clado", "last-poll/294"),
    "one 503": ("clado", "one-503"),
    "Retry-After as milliseconds": ("clado", "retry-after-429"),
    "Retry-After as HTTP-date": ("clado", "retry-after-date"),
    "which statuses honour it": ("clado", "retry-after-503"),
    "waits for a state that never exists": ("clado", "completed"),
    "lost answer to a start": ("clado", "lost-start"),
    "new idempotency key per attempt": ("orbit", "lost-start"),
    "repeated cursor or page": ("clado", "repeated-page"),
    "guard against it": ("clado", "similar-pages"),
    "empty page with more to come": ("clado", "empty-page"),
    "total still growing": ("clado", "growing"),
    "processing not known": ("clado", "processing"),
    "cancelled not known": ("clado", "cancelled"),
    "HTTP status not looked at": ("orbit", "error-envelope"),
    "404 not looked at": ("orbit", "run-unknown"),
    "error body's key": ("clado", "error-named-detail"),
}
"""Each kind of bug that was found in public clients, and the case that a client with it fails."""


@cache
def cases(api: str) -> tuple[Case, ...]:
    """Return the cases of an API."""
    return load_suite(api).cases


def answered_errors(api: str) -> set[tuple[str, str | None]]:
    """Return the operations of the cases' faults with the errors that they answer with."""
    faults = (fault for case in cases(api) for fault in case.plan.scenario.faults)
    return {(fault.operation, fault.respond.name) for fault in faults if fault.respond}


@pytest.mark.parametrize("api", APIS)
def test_every_documented_error_is_met(api: str) -> None:
    """Each error of the API's catalogue is the answer to some request of some case."""
    met = {name for _, name in answered_errors(api)}
    documented = set(definitions(api)["error"]["enum"])
    assert documented - met == set()


@pytest.mark.parametrize("api", APIS)
def test_every_documented_status_is_met(api: str) -> None:
    """Each status of a job is a step of some case."""
    met = {step.status for case in cases(api) for step in case.plan.scenario.progression}
    assert set(apis.load(api).transitions) - met == set()


@pytest.mark.parametrize("api", APIS)
def test_every_limited_operation_is_refused_once(api: str) -> None:
    """For each operation with a documented rate limit, some case answers that it is exceeded."""
    dialect = apis.load(api)
    limited = dialect.limits(lambda switch: definitions(api)["switches"]["properties"][switch].get("default"))
    refusals = {name for name, (status, _) in dialect.errors.items() if status == 429}
    met = {operation for operation, name in answered_errors(api) if name in refusals}
    assert set(limited) - met == set()


@pytest.mark.parametrize("api", APIS)
def test_every_operation_is_asked_for(api: str) -> None:
    """Some case asks for each action that the API has an operation for."""
    operations = {operation.name for operation in apis.load(api).operations}
    possible = {action for action in ACTIONS if action in operations} | {"poll", "start"}
    possible |= {"pages"} if apis.load(api).paging else set()
    assert {case.action for case in cases(api)} == possible


@pytest.mark.parametrize("bug", BUGS)
def test_every_known_bug_has_a_case(bug: str) -> None:
    """Each bug that was found in a public client is in reach of a `must` case."""
    api, name = BUGS[bug]
    (found,) = (case for case in cases(api) if case.id == name)
    assert found.severity == "must"


@pytest.mark.parametrize("api", APIS)
def test_groups_are_described(api: str) -> None:
    """Each group of the bundled suite has its sentence, and each sentence its group."""
    suite = load_suite(api)
    assert set(suite.groups) == {case.group for case in suite.cases}
