"""The words of one API's scenarios, read from its tables and its schemas: statuses, switches, operations, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..catalogue.scenario_validation import check_scenario
from ..contract import documents
from ..dialect.api import Api, Operation
from ..engine.progression import ABSENT
from ..models import Scenario, Step

_FORBIDDEN: Mapping[str, Any] = {"not": {}}
PATH_PARAMETER = re.compile(r"{[^}]*}")
UNKNOWN_STATUS = "reranking"
"""A status that no API has today."""
_SAMPLE_VALUES = {"boolean": (True, False), "integer": (1, 30)}
"""Sample values for switches whose schema lists none; switches of other types are never set."""


@cache
def statuses(api: Api) -> tuple[str, ...]:
    """Return the statuses of a job in the order of the documents, and last that of a job that can't be found."""
    listed = documents.definitions(api.name)["status"]["enum"]
    return (*(status for status in listed if status in api.transitions), ABSENT)


@cache
def terminal_statuses(api: Api) -> tuple[str, ...]:
    """Return the terminal statuses, those that show everybody first, because they are the ordinary end."""
    last = [status for status in statuses(api) if status in api.terminal]
    return tuple(sorted(last, key=lambda status: api.shows.get(status) != "all"))


@cache
def statuses_before(api: Api, status: str, run_shape: str | None) -> tuple[str, ...]:
    """Return the statuses that may precede one, itself included; before an absence, every unfinished one."""
    going_on = [known for known in statuses_of_kind(api, api.kind(run_shape)) if api.transitions.get(known)]
    return tuple(known for known in going_on if status in (known, ABSENT) or status in api.transitions[known])


def has_pages(api: Api) -> bool:
    """Return whether a step may have `pages`."""
    step: Mapping[str, Any] = documents.definitions(api.name).get("step", {})
    return bool(step.get("properties", {}).get("pages") != _FORBIDDEN)


def has_scenario_key(api: Api, key: str) -> bool:
    """Return whether a scenario of the API may have this key."""
    return bool(documents.document(f"{api.name}/scenario.json")["properties"].get(key) != _FORBIDDEN)


@cache
def run_shapes(api: Api) -> tuple[str, ...]:
    """Return the run shapes of an API, which may be none."""
    return tuple(documents.definitions(api.name).get("run_shape", {}).get("enum", ()))


@cache
def switch_values(api: Api) -> tuple[tuple[str, Any], ...]:
    """Return each switch with each of its values except the default."""
    listed: Mapping[str, Any] = documents.definitions(api.name)["switches"]["properties"]
    return tuple(
        (name, value) for name, schema in listed.items() for value in _values(schema) if value != schema["default"]
    )


def _values(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    if "enum" in schema:
        return tuple(schema["enum"])
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return next((values for kind, values in _SAMPLE_VALUES.items() if kind in types), ())


@cache
def statuses_of_kind(api: Api, kind: str) -> tuple[str, ...]:
    """Return the statuses that a job of a kind may have; a scenario with each one is validated to find out."""
    shapes = [shape for shape in (None, *run_shapes(api)) if api.kind(shape) == kind]
    if len(shapes) > len(run_shapes(api)):
        return statuses(api)
    alone = {
        status: Scenario(name=status, api=api.name, summary="", progression=(Step(status=status),), run_shape=shapes[0])
        for status in statuses(api)
    }
    return tuple(status for status, scenario in alone.items() if not check_scenario(scenario)[1])


@cache
def operation_names(api: Api) -> tuple[str, ...]:
    """Return the names of the operations."""
    return tuple(dict.fromkeys(operation.name for operation in api.operations))


@cache
def operations_named(api: Api, name: str) -> tuple[Operation, ...]:
    """Return the operations of a name: more than one where an operation has an older path too."""
    return tuple(operation for operation in api.operations if operation.name == name)


@cache
def error_names(api: Api, operation: str) -> tuple[str, ...]:
    """Return the names of an operation's documented errors."""
    first = operations_named(api, operation)[0]
    return tuple(
        name for name, (status, _) in api.errors.items()
        if status in first.replies and name in api.errors_of(first, status)
    )  # fmt: skip


def profile_operations(api: Api) -> tuple[str, ...]:
    """Return the names of the operations that read one result of a job."""
    return tuple(operation.name for operation in api.operations if operation.is_about_one_result)
