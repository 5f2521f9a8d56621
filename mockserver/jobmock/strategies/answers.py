"""Strategies for answers: responses and errors of every operation, and the people and profiles in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..dialect.api import Api, Operation
from ..dialect.openapi_documents import query_parameters
from ..errors import UsageError
from ..models import Fault, More, Respond, Results, Scenario, Step, When
from . import vocabulary
from .arguments import allowed_name, allowed_names, bounded_int, load_api
from .failures import Refusals
from .probe import Probe, Response, served_response
from .records import record_with, settings_by_shape
from .whole_scenarios import scenarios, switch_choices

_MAX_RESULTS = 1_000
_MAX_SEED = 1_000_000
_ADDED_PEOPLE = 5
_SMALL_RANGE = 4


def responses(
    api: str, *, status: str | None = None, operation: str = "status", max_results: int = 3, max_steps: int = 3
) -> SearchStrategy[Response]:
    """Return answers of an operation that aren't errors, while the job has a status (by default, any that fits).

    The API itself gives each answer, at the end of a drawn scenario, with drawn switches and a drawn query. Raises
    UsageError.
    """
    known = load_api(api)
    name = allowed_name("operation", operation, vocabulary.operation_names(known))
    fitting = answering_statuses(known, name)
    if not fitting:
        raise UsageError(f"{name!r} of {api!r} answers with errors only: error_responses() draws them.")
    ends = fitting if status is None else (allowed_name("status", status, fitting),)
    whole = scenarios(
        api, max_steps=max_steps, max_polls=2, ends=ends,
        page_size=bounded_int("max_results", max_results, 2, _MAX_RESULTS) - 1, max_pages=1, faults=st.just(()),
        limits=False,
    )  # fmt: skip
    each = [_operation_responses(known, variant, whole) for variant in vocabulary.operations_named(known, name)]
    return st.one_of(each).filter(lambda response: response.status < 400)


def error_responses(
    api: str, *, operation: str = "status", names: Collection[str] | None = None, max_wait: int = 120
) -> SearchStrategy[Response]:
    """Return the documented errors of an operation in the API's own format; `names` selects some of them.

    Errors that allow Retry-After have it in every form, or with the API's own value. Raises UsageError.
    """
    known = load_api(api)
    name = allowed_name("operation", operation, vocabulary.operation_names(known))
    wanted = allowed_names("names", names, vocabulary.error_names(known, name))
    actions = Refusals(known, name, wanted, max_wait).api_errors()
    first = vocabulary.operations_named(known, name)[0]
    respond = partial(_error_response, known, first)
    return st.builds(respond, actions, switch_choices(known))


def people(api: str, *, shape: str | None = None) -> SearchStrategy[dict[str, Any]]:
    """Return records of people as the status answers show them; `shape` is the name of a schema document.

    Raises UsageError for an unknown shape, and for an API whose answers hold no people.
    """
    known = load_api(api)
    settings = settings_by_shape(known)
    if not settings:
        raise UsageError(f"The status answers of {api!r} hold no records of people.")
    wanted = list(settings) if shape is None else [allowed_name("shape", shape, tuple(settings))]
    chosen = st.one_of([st.sampled_from(settings[name]) for name in wanted])
    return st.builds(lambda setting, seed: record_with(known, setting, seed), chosen, st.integers(1, _MAX_SEED))


def profiles(api: str) -> SearchStrategy[dict[str, Any]]:
    """Return bodies of profiles, complete and incomplete. Raises UsageError where the API has no profiles."""
    known = load_api(api)
    reads = vocabulary.profile_operations(known)
    if not reads:
        raise UsageError(f"{api!r} has no operation that reads a profile.")
    return st.one_of([responses(api, operation=name) for name in reads]).map(Response.json)


@cache
def answering_statuses(api: Api, operation: str) -> tuple[str, ...]:
    """Return the job statuses in which an operation answers without an error, the ordinary end first.

    Each status is tried out, because no document lists them.
    """
    found = {status for status, response in _responses_by_status(api, operation) if response.status < 400}
    return tuple(status for status in _all_statuses(api) if status in found)


def sample_responses(api: Api, operation: str) -> Iterator[Response]:
    """Yield one answer of an operation for each job status that has one, and each of its errors."""
    yield from (response for _, response in _responses_by_status(api, operation) if response.status < 400)
    for name in vocabulary.error_names(api, operation):
        yield _error_response(api, vocabulary.operations_named(api, operation)[0], {"respond": Respond(name=name)}, {})


def _all_statuses(api: Api) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*vocabulary.terminal_statuses(api), *vocabulary.statuses(api))))


def _responses_by_status(api: Api, operation: str) -> Iterator[tuple[str, Response]]:
    """Yield each status that a job of each kind may have, with an operation's answer in it."""
    kinds = {api.kind(shape): shape for shape in (*reversed(vocabulary.run_shapes(api)), None)}
    for kind, shape in kinds.items():
        for status in vocabulary.statuses_of_kind(api, kind):
            for variant in vocabulary.operations_named(api, operation):
                yield status, served_response(api, _one_step_scenario(api, status, shape), variant)


def _one_step_scenario(api: Api, status: str, run_shape: str | None = None, **others: Any) -> Scenario:
    """Return a scenario with a single step."""
    scenario = Scenario(
        name=f"{api.name}/{status}", api=api.name, summary="", progression=(Step(status=status),), run_shape=run_shape,
        results=Results(count=1), **others,
    )  # fmt: skip
    return _allow_more(api, scenario)


def _allow_more(api: Api, scenario: Scenario) -> Scenario:
    """Return the scenario with a continuation, where the API has continuations and it has none yet."""
    closed = scenario.more is None and vocabulary.has_scenario_key(api, "more")
    return replace(scenario, more=More(count=_ADDED_PEOPLE)) if closed else scenario


def _operation_responses(api: Api, operation: Operation, whole: SearchStrategy[Scenario]) -> SearchStrategy[Response]:
    def response(scenario: Scenario, query: bytes) -> Response:
        return served_response(api, _allow_more(api, scenario), operation, query)

    return st.builds(response, whole, _queries(api, operation))


def _queries(api: Api, operation: Operation) -> SearchStrategy[bytes]:
    """Return queries of the parameters in the API's OpenAPI document, within their bounds."""
    listed = query_parameters(api, operation)
    known = {name: schema for name, schema in listed.items() if schema.get("type") in _QUERY_VALUES}
    values = {name: _QUERY_VALUES[schema["type"]](schema) for name, schema in known.items()}
    return st.fixed_dictionaries({}, optional=values).map(lambda chosen: urlencode(chosen).encode())


def _integers(schema: Mapping[str, Any]) -> SearchStrategy[str]:
    least: int = schema.get("minimum", 0)
    small = st.integers(least, min(least + _SMALL_RANGE, schema.get("maximum", least + _SMALL_RANGE)))
    return (small | st.just(schema["maximum"]) if "maximum" in schema else small).map(str)


def _booleans(schema: Mapping[str, Any]) -> SearchStrategy[str]:
    return st.sampled_from(("true", "false"))


_QUERY_VALUES = {"integer": _integers, "boolean": _booleans}


def _error_response(api: Api, operation: Operation, action: Mapping[str, Any], switches: Mapping[str, Any]) -> Response:
    """Return the answer of an operation when the scenario refuses each of its requests."""
    fault = Fault(operation=operation.name, when=When(every=1), **action)
    ending = vocabulary.terminal_statuses(api)[0]
    return Probe(api, _one_step_scenario(api, ending, faults=(fault,), switches=switches)).send(operation)
