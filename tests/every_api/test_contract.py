"""Each answer of each API obeys the document that the API lists for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api_facts import content_of, operation_of, status_of
from tests.strategies.drawing import some
from tests.support import EPOCH, Mock, examples

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.contract import body_validation
from jobmock.dialect.api import Api, Operation
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import ABSENT
from jobmock.models import Reply, Scenario, Step
from jobmock.service.service import Service
from jobmock.strategies import Response, error_responses, failure_sequences, scenarios
from jobmock.strategies.probe import served_response
from jobmock.strategies.vocabulary import error_names, operation_names, run_shapes, statuses, statuses_of_kind

OPERATIONS = [(api.name, name) for api in apis.all_apis() for name in operation_names(api)]
CATALOGUE = Catalogue()


def broken(api: Api, operation: Operation, answer: Response | Reply, kinds: tuple[str, ...]) -> list[str]:
    """Return what is wrong with an answer: violations of these kinds, or that no document is listed for it."""
    place = f"{operation.name} {answer.status}"
    if answer.status not in operation.replies:
        return [f"{place}: no document"]
    if operation.replies[answer.status] is None:
        return [f"{place}: a body"] if answer.body else []
    content = content_of(answer.body, operation, answer.status)
    found = body_validation.violations(f"{api.name}/{operation.replies[answer.status]}", content)
    return [f"{place} {one.pointer}: {one.message}" for one in found if one.kind in kinds]


def one_step_scenarios(api: Api) -> Iterator[Scenario]:
    """Yield a scenario for each status that a job of each run shape may have."""
    for shape in (None, *run_shapes(api)):
        for status in statuses_of_kind(api, api.kind(shape)):
            step = (Step(status=status),)
            yield Scenario(name=f"{api.name}/{status}", api=api.name, summary="", progression=step, run_shape=shape)


@pytest.mark.parametrize(("api", "name"), OPERATIONS)
def test_answers_in_each_status(api: str, name: str) -> None:
    """Whatever a job's status is, each operation answers as a document says, also if it refuses."""
    known = apis.load(api)
    wrong = [
        (scenario.progression[0].status, *found)
        for scenario in one_step_scenarios(known)
        for operation in known.operations if operation.name == name
        if (found := broken(known, operation, served_response(known, scenario, operation), ("breaking", "additive")))
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("api", apis.names())
def test_each_status_is_answered(api: str, mock: Mock) -> None:
    """The statuses that polls are answered with are those of the table of transitions."""
    known = apis.load(api)
    jobs = [mock.play(api, scenario) for scenario in one_step_scenarios(known)]
    met = {status_of(known, mock.poll(api, job).body) for job in jobs}
    assert {*known.transitions} <= met and {*known.transitions} == {*statuses(known)} - {ABSENT}


@pytest.mark.parametrize(("api", "name"), OPERATIONS)
def test_documented_errors(api: str, name: str) -> None:
    """Each error that an operation may answer with has the status of the table, and a body as its document says."""
    known = apis.load(api)
    for error in error_names(known, name):
        for met in some(error_responses(api, operation=name, names=[error]), 5):
            assert met.status == known.errors[error][0]
            assert broken(known, operation_of(known, name), met, ("breaking",)) == []


@pytest.mark.parametrize("api", apis.names())
def test_each_error_is_documented(api: str) -> None:
    """At least one operation lists the status of each error of the table."""
    known = apis.load(api)
    listed = {error for name in operation_names(known) for error in error_names(known, name)}
    assert {*known.errors} - listed == set()


@pytest.mark.parametrize("api", apis.names())
@given(data=st.data())
@settings(max_examples=examples(40))
def test_drawn_scenarios(api: str, data: st.DataObject) -> None:
    """A drawn scenario is played from its start to its last step, and each answer to a poll obeys its document."""
    known = apis.load(api)
    faults = failure_sequences(api, kinds=["respond", "delay"], operations=["status"])
    every = scenarios(api, max_steps=4, max_seconds=60, ends=statuses(known), absent=True, faults=faults, limits=False)
    drawn, mock = data.draw(every), Mock(Service(CATALOGUE, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))
    namespace, plan = mock.namespace(api), CATALOGUE.resolve(drawn, api)
    namespace.use(plan)
    playing, last = mock.service.place(namespace, plan), len(plan.stages) - 1
    for _ in range(100):
        assert broken(known, operation_of(known, "status"), mock.poll(api, playing.id), ("breaking",)) == []
        if playing.state.step == last:
            break
        mock.advance(30, api)
    assert playing.state.step == last
