"""Drawn answers of each API come from the API itself, drawn breaks have one violation, and failures can be written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.api_facts import content_of, status_of
from tests.strategies.drawing import draws, reached, same, some

from jobmock import apis, scenario
from jobmock.contract import body_validation
from jobmock.dialect.api import Api
from jobmock.errors import UsageError
from jobmock.models import Respond, Scenario, Step, When
from jobmock.strategies import (
    OffContract,
    Response,
    error_responses,
    failure_sequences,
    off_contract_responses,
    rate_limit_storms,
    responses,
)  # fmt: skip
from jobmock.strategies.answers import answering_statuses
from jobmock.strategies.vocabulary import error_names, operation_names, operations_named, terminal_statuses

APIS = apis.names()
OPERATIONS = [(api.name, name) for api in apis.all_apis() for name in operation_names(api)]
FORMS: dict[str, Callable[[Any], bool]] = {
    "seconds": lambda retry: retry.seconds is not None and not retry.as_date,
    "date": lambda retry: bool(retry.as_date),
    "absent": lambda retry: retry.seconds is None,
}


def obeys(api: str, operation: str, response: Response) -> bool:
    """Say whether a body obeys the document of its operation and HTTP status; a switch may add members to it."""
    known = operations_named(apis.load(api), operation)[0]
    if known.replies[response.status] is None:
        return not response.body
    content = content_of(response.body, known, response.status)
    found = body_validation.violations(f"{api}/{known.replies[response.status]}", content)
    return all(one.kind == "additive" for one in found)


def status_in(api: Api, response: Response) -> str | None:
    """Return the status of the job in an answer to a poll."""
    return status_of(api, response.body)


def breaking_pointers(drawn: OffContract) -> list[str]:
    """Return the pointers of everything breaking that the judge finds."""
    found = body_validation.violations(drawn.document, content_of(drawn.response.body))
    return [violation.pointer for violation in found if violation.kind == "breaking"]


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_every_answer_obeys_the_contract(api: str, operation: str) -> None:
    """An answer of any operation is no error, and as its document says. One that answers with errors only says so."""
    if not answering_statuses(apis.load(api), operation):
        with pytest.raises(UsageError, match="answers with errors only"):
            responses(api, operation=operation)
        return
    for response in some(responses(api, operation=operation), 25):
        assert response.status < 400
        assert obeys(api, operation, response)


@pytest.mark.parametrize("api", APIS)
def test_a_status_can_be_selected(api: str) -> None:
    """Every answer has the given status; without one, each status is reached."""
    known = apis.load(api)
    for status in answering_statuses(known, "status"):
        assert {status_in(known, response) for response in some(responses(api, status=status), 20)} == {status}
        reached(responses(api).map(partial(status_in, known)), same(status))


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_every_error_obeys_the_contract(api: str, operation: str) -> None:
    """Each documented error of an operation is reached, and its body obeys its document."""
    known = apis.load(api)
    for name in error_names(known, operation):
        met = some(error_responses(api, operation=operation, names=[name]), 5)
        assert {response.status for response in met} == {known.errors[name][0]}
        assert all(obeys(api, operation, response) for response in met)
    drawn = {response.status for response in draws(error_responses(api, operation=operation), 50)}
    documented = {known.errors[name][0] for name in error_names(known, operation)}
    assert drawn <= documented and len(drawn) >= min(3, len(documented))


@pytest.mark.parametrize("api", APIS)
def test_errors_can_be_chosen(api: str) -> None:
    """`names` selects errors; an error that allows Retry-After has it in each form."""
    name = apis.load(api).rate_limit_error
    limited = error_responses(api, names=[name], max_wait=9)
    assert {response.status for response in some(limited, 20)} == {apis.load(api).errors[name][0]}
    texts = limited.map(lambda response: response.headers.get("retry-after", ""))
    reached(texts, str.isdigit)
    reached(texts, lambda text: text.endswith("GMT"))
    reached(texts, lambda text: text == "")


@pytest.mark.parametrize("api", APIS)
def test_exactly_what_the_tag_says_is_broken(api: str) -> None:
    """The contract's judge finds one violation, at the tag's pointer."""
    for drawn in some(off_contract_responses(api, errors=True), 120):
        assert breaking_pointers(drawn) == [drawn.breach.pointer]
        assert drawn.response.headers["content-length"] == str(len(drawn.response.body))


@pytest.mark.parametrize("api", APIS)
def test_errors_are_broken_on_request(api: str) -> None:
    """Only answers that aren't errors are broken, and with `errors` these too."""
    assert max(drawn.response.status for drawn in draws(off_contract_responses(api), 30)) < 300
    assert max(drawn.response.status for drawn in draws(off_contract_responses(api, errors=True), 30)) >= 400


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_answers_of_each_operation_are_broken(api: str, operation: str) -> None:
    """Each operation has answers that break the contract: refusals, where its other answers have no body."""
    assert all(drawn.response.body for drawn in some(off_contract_responses(api, operation=operation), 5))


@pytest.mark.parametrize(("api", "operation"), OPERATIONS)
def test_the_language_can_write_every_fault(api: str, operation: str) -> None:
    """Each fault of an operation is written in the language, and reads back equal."""
    steps = (Step(status=terminal_statuses(apis.load(api))[0]),)
    for faults in some(failure_sequences(api, operations=[operation]), 30):
        assert all(fault.operation == operation for fault in faults)
        scenario.to_mapping(Scenario(name="x", api=api, summary="", progression=steps, faults=faults))


@pytest.mark.parametrize("api", APIS)
def test_every_refusal_is_reached(api: str) -> None:
    """Each error that the documents list for an operation is drawn by name, and by its bare status."""
    known = apis.load(api)
    faults = failure_sequences(api, kinds=["respond"], max_faults=1)
    responds = draws(faults.map(lambda row: (row and row[0].respond) or Respond()), 500)
    listed = {*error_names(known, "status")}
    assert listed <= {respond.name for respond in responds}
    assert {known.errors[name][0] for name in listed} <= {respond.status for respond in responds}


@pytest.mark.parametrize("api", APIS)
def test_refusals_can_be_chosen(api: str) -> None:
    """With `refusals`, nobody else is named."""
    limited = apis.load(api).rate_limit_error
    status = apis.load(api).errors[limited][0]
    drawn = some(failure_sequences(api, kinds=["respond"], refusals=[limited]), 30)
    assert {f.respond.name for faults in drawn for f in faults if f.respond} <= {limited, None}
    assert {f.respond.status for faults in drawn for f in faults if f.respond} <= {status, None}


@pytest.mark.parametrize("api", APIS)
def test_a_storm_is_refusals_in_a_row(api: str) -> None:
    """The requests of a storm follow each other, all are refused alike, and there is at least one."""
    lengths = set()
    for storm in draws(rate_limit_storms(api, max_length=4)):
        first = storm[0].when.requests
        assert first
        assert [f.when for f in storm] == [When(requests=(n, n)) for n in range(first[0], first[0] + len(storm))]
        assert all(f.respond and f.respond.name == apis.load(api).rate_limit_error for f in storm)
        lengths.add(len(storm))
    assert lengths == {1, 2, 3, 4}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("api", APIS)
def test_every_form_of_retry_after_is_reached(api: str, form: str) -> None:
    """A storm has whole seconds, a date, or nothing, also in a row; so has a refusal that may be patient."""
    fits = FORMS[form]
    reached(rate_limit_storms(api), lambda storm: len(storm) > 1 and all(fits(f.retry_after) for f in storm))
    reached(failure_sequences(api), lambda faults: any(f.retry_after and fits(f.retry_after) for f in faults))
