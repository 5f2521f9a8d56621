"""Answers as they are served: of every status and operation, of every error; and the people and profiles in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..dialect.api import Api, Operation
from ..errors import UsageError
from ..models import Fault, More, Respond, Results, Scenario, Step, When
from . import vocabulary
from .arguments import api_named, one, several, within
from .failures import Scripted
from .probe import Response, World, asked
from .records import record_in, settings_of
from .whole_scenarios import scenarios, switched_on

_MOST_RESULTS = 1_000
_MOST_SEED = 1_000_000
_ADDED = 5
_FEW = 4


def responses(
    api: str, *, status: str | None = None, operation: str = "status", max_results: int = 3, max_steps: int = 3
) -> SearchStrategy[Response]:
    """Return answers of an operation that aren't errors, while the job is in a status (if absent, in any that fits).

    Each is asked of the API itself at the end of a drawn scenario, with drawn switches and query. Raises UsageError.
    """
    known = api_named(api)
    name = one("operation", operation, vocabulary.operations(known))
    fitting = answering(known, name)
    if not fitting:
        raise UsageError(f"{name!r} of {api!r} answers with errors only: error_responses() draws them.")
    whole = scenarios(
        api, max_steps=max_steps, max_polls=2, ends=fitting if status is None else (one("status", status, fitting),),
        page_size=within("max_results", max_results, 2, _MOST_RESULTS) - 1, max_pages=1, faults=st.just(()),
        limits=False,
    )  # fmt: skip
    each = [_answers(known, called, whole) for called in vocabulary.called(known, name)]
    return st.one_of(each).filter(lambda response: response.status < 400)


def error_responses(
    api: str, *, operation: str = "status", names: Collection[str] | None = None, max_wait: int = 120
) -> SearchStrategy[Response]:
    """Return the errors that the documents list for an operation, as the API words them; `names` selects.

    Those that Retry-After goes with have it in every form, or as the API itself would. Raises UsageError.
    """
    known = api_named(api)
    name = one("operation", operation, vocabulary.operations(known))
    wanted = several("names", names, vocabulary.refusals(known, name))
    actions = Scripted(known, name, wanted, max_wait).responds()
    called = vocabulary.called(known, name)[0]
    return st.builds(lambda action, chosen: _refused(known, called, action, chosen), actions, switched_on(known))


def people(api: str, *, shape: str | None = None) -> SearchStrategy[dict[str, Any]]:
    """Return records of people as the status answers show them; a `shape` is named by its document.

    Raises UsageError, also for an API whose answers hold no people.
    """
    known = api_named(api)
    settings = settings_of(known)
    if not settings:
        raise UsageError(f"The status answers of {api!r} hold no records of people.")
    wanted = list(settings) if shape is None else [one("shape", shape, tuple(settings))]
    chosen = st.one_of([st.sampled_from(settings[name]) for name in wanted])
    return st.builds(lambda setting, seed: record_in(known, setting, seed), chosen, st.integers(1, _MOST_SEED))


def profiles(api: str) -> SearchStrategy[dict[str, Any]]:
    """Return bodies of profiles as far as their runs have come. Raises UsageError where an API has no such read."""
    known = api_named(api)
    reads = vocabulary.profile_reads(known)
    if not reads:
        raise UsageError(f"{api!r} has no operation that reads a profile.")
    return st.one_of([responses(api, operation=name) for name in reads]).map(Response.json)


@cache
def answering(api: Api, operation: str) -> tuple[str, ...]:
    """Return the statuses of a job in which an operation answers without an error, the ordinary end first.

    Each is tried: nothing else knows.
    """
    found = {status for status, response in _tried(api, operation) if response.status < 400}
    return tuple(status for status in _every(api) if status in found)


def samples(api: Api, operation: str) -> Iterator[Response]:
    """Yield an answer of an operation in each status in which it has one, and each of its errors."""
    yield from (response for _, response in _tried(api, operation) if response.status < 400)
    for name in vocabulary.refusals(api, operation):
        yield _refused(api, vocabulary.called(api, operation)[0], {"respond": Respond(name=name)}, {})


def _every(api: Api) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*vocabulary.endings(api), *vocabulary.statuses(api))))


def _tried(api: Api, operation: str) -> Iterator[tuple[str, Response]]:
    """Yield what an operation answers in each status that a job of each kind may have."""
    kinds = {api.kind(shape): shape for shape in (*reversed(vocabulary.run_shapes(api)), None)}
    for kind, shape in kinds.items():
        for status in vocabulary.fitting(api, kind):
            for called in vocabulary.called(api, operation):
                yield status, asked(api, _alone(api, status, shape), called)


def _alone(api: Api, status: str, run_shape: str | None = None, **others: Any) -> Scenario:
    """Return a scenario of one step."""
    scenario = Scenario(
        name=f"{api.name}/{status}", api=api.name, summary="", progression=(Step(status=status),), run_shape=run_shape,
        results=Results(count=1), **others,
    )  # fmt: skip
    return _open(api, scenario)


def _open(api: Api, scenario: Scenario) -> Scenario:
    """Let a job be continued where the API has continuations."""
    closed = scenario.more is None and vocabulary.says(api, "more")
    return replace(scenario, more=More(count=_ADDED)) if closed else scenario


def _answers(api: Api, operation: Operation, whole: SearchStrategy[Scenario]) -> SearchStrategy[Response]:
    return st.builds(
        lambda scenario, query: asked(api, _open(api, scenario), operation, query), whole, _queries(api, operation)
    )


def _queries(api: Api, operation: Operation) -> SearchStrategy[bytes]:
    """Return queries of the parameters that the API's OpenAPI document lists, within their bounds."""
    listed = vocabulary.query_parameters(operation, api)
    values = {name: _VALUES[schema["type"]](schema) for name, schema in listed.items() if schema["type"] in _VALUES}
    return st.fixed_dictionaries({}, optional=values).map(lambda chosen: urlencode(chosen).encode())


def _integers(schema: Mapping[str, Any]) -> SearchStrategy[str]:
    least: int = schema.get("minimum", 0)
    small = st.integers(least, min(least + _FEW, schema.get("maximum", least + _FEW)))
    return (small | st.just(schema["maximum"]) if "maximum" in schema else small).map(str)


def _booleans(schema: Mapping[str, Any]) -> SearchStrategy[str]:
    return st.sampled_from(("true", "false"))


_VALUES = {"integer": _integers, "boolean": _booleans}


def _refused(api: Api, operation: Operation, action: Mapping[str, Any], switches: Mapping[str, Any]) -> Response:
    """Return what an operation answers when the scenario refuses each of its requests."""
    fault = Fault(operation=operation.name, when=When(every=1), **action)
    ending = vocabulary.endings(api)[0]
    return World(api, _alone(api, ending, faults=(fault,), switches=switches)).send(operation)
