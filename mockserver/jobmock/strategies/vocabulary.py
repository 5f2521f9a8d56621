"""What one API's scenarios can say, read from its tables and its folder in `schemas/`; no API is named here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..catalogue.validation import judge
from ..contract import documents, openapi
from ..dialect.api import Api, Operation
from ..engine.progression import ABSENT
from ..models import Scenario, Step

_NOT_SAID: Mapping[str, Any] = {"not": {}}
PARAMETER = re.compile(r"{[^}]*}")
UNHEARD_OF = "reranking"
"""A status that no API has: one that may come one day."""
_FEW = {"boolean": (True, False), "integer": (1, 30)}
"""Values of switches whose schema lists none; those of other types stay as they are."""


@cache
def statuses(api: Api) -> tuple[str, ...]:
    """Return the statuses of a job in the order of the documents; last the one of a job that can't be found."""
    listed = documents.definitions(api.name)["status"]["enum"]
    return (*(status for status in listed if status in api.transitions), ABSENT)


@cache
def endings(api: Api) -> tuple[str, ...]:
    """Return the terminal statuses, first those that show everybody: they are the ordinary end."""
    last = [status for status in statuses(api) if status in api.terminal]
    return tuple(sorted(last, key=lambda status: api.shows.get(status) != "all"))


@cache
def before(api: Api, status: str, run_shape: str | None) -> tuple[str, ...]:
    """Return the statuses that may come right before one, itself included; anything unfinished before an absence."""
    going_on = [known for known in fitting(api, api.kind(run_shape)) if api.transitions.get(known)]
    return tuple(known for known in going_on if status in (known, ABSENT) or status in api.transitions[known])


def has_pages(api: Api) -> bool:
    """Say whether a step may have `pages`."""
    step: Mapping[str, Any] = documents.definitions(api.name).get("step", {})
    return bool(step.get("properties", {}).get("pages") != _NOT_SAID)


def says(api: Api, key: str) -> bool:
    """Say whether a scenario may have this key."""
    return bool(documents.document(f"{api.name}/scenario.json")["properties"].get(key) != _NOT_SAID)


@cache
def run_shapes(api: Api) -> tuple[str, ...]:
    """Return the shapes of a run; an API may have none."""
    return tuple(documents.definitions(api.name).get("run_shape", {}).get("enum", ()))


@cache
def switched(api: Api) -> tuple[tuple[str, Any], ...]:
    """Return each switch with each of its values but the default."""
    listed: Mapping[str, Any] = documents.definitions(api.name)["switches"]["properties"]
    return tuple(
        (name, value) for name, schema in listed.items() for value in _values(schema) if value != schema["default"]
    )


def _values(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    if "enum" in schema:
        return tuple(schema["enum"])
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return next((values for kind, values in _FEW.items() if kind in types), ())


@cache
def fitting(api: Api, kind: str) -> tuple[str, ...]:
    """Return the statuses that a job of a kind may have: each is asked for its answer, as each scenario is."""
    shapes = [shape for shape in (None, *run_shapes(api)) if api.kind(shape) == kind]
    if len(shapes) > len(run_shapes(api)):
        return statuses(api)
    alone = {
        status: Scenario(name=status, api=api.name, summary="", progression=(Step(status=status),), run_shape=shapes[0])
        for status in statuses(api)
    }
    return tuple(status for status, scenario in alone.items() if not judge(scenario)[1])


@cache
def operations(api: Api) -> tuple[str, ...]:
    """Return the names of the operations."""
    return tuple(dict.fromkeys(operation.name for operation in api.operations))


@cache
def called(api: Api, name: str) -> tuple[Operation, ...]:
    """Return the operations of a name: an earlier path of one bears the same."""
    return tuple(operation for operation in api.operations if operation.name == name)


@cache
def refusals(api: Api, operation: str) -> tuple[str, ...]:
    """Return the errors that the documents list for an operation."""
    listed = called(api, operation)[0].replies
    return tuple(name for name, (status, _) in api.errors.items() if status in listed)


@cache
def query_parameters(operation: Operation, api: Api) -> Mapping[str, Mapping[str, Any]]:
    """Return the query parameters of an operation, each with its schema."""
    paths: Mapping[str, Any] = openapi.source(api.name)["paths"]
    places = {PARAMETER.sub("{}", path): place for path, place in paths.items()}
    listed = places.get(PARAMETER.sub("{}", operation.path), {}).get(operation.method.lower(), {})
    return {
        parameter["name"]: parameter["schema"]
        for parameter in listed.get("parameters", ())
        if parameter.get("in") == "query"
    }


def profile_reads(api: Api) -> tuple[str, ...]:
    """Return the operations that read what a job made: their path names something else than a job."""
    return tuple(
        operation.name for operation in api.operations if set(PARAMETER.findall(operation.path)) - {"{job}"}
    )  # fmt: skip
