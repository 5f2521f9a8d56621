"""The words that scenarios of an API may use, made from its tables: what `scenario.json` has for an API without one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.progression import ABSENT
from .api import Api

_NEVER: Mapping[str, Any] = {"not": {}}


def scenario_words(api: Api) -> Mapping[str, Any]:
    """Return the schema of an API's words: its statuses, operations, errors and switches.

    Steps may have `pages` if the API has pages, and scenarios `more` if an operation continues jobs. No scenario has a
    `run_shape`: an API with several kinds of jobs has a `scenario.json` of its own.
    """
    operations = list(dict.fromkeys(operation.name for operation in api.operations))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"The words of {api.name} in a scenario",
        "properties": {
            "progression": _steps(),
            "more": {"properties": {"progression": _steps()}} if "more" in operations else _NEVER,
            "faults": {"items": {"properties": {"operation": _ref("operation"), "respond": _respond()}}},
            "run_shape": _NEVER,
            "limits": {"propertyNames": _ref("operation")},
            "switches": _ref("switches"),
        },
        "definitions": {
            "step": {
                "properties": {} if api.paging else {"pages": _NEVER},
                "if": {"required": ["violates"], "properties": {"violates": {"contains": {"const": "schema"}}}},
                "else": {"properties": {"status": _ref("status")}},
            },
            "status": {"enum": [*api.transitions, ABSENT]},
            "operation": {"enum": operations},
            "error": {"enum": list(api.errors)},
            "switches": {"type": "object", "additionalProperties": False, "properties": dict(api.switches)},
        },
    }


def _ref(name: str) -> Mapping[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def _steps() -> Mapping[str, Any]:
    return {"items": _ref("step")}


def _respond() -> Mapping[str, Any]:
    """Return the schema of `respond`: where it is a name, that of an error."""
    return {"if": {"type": "string"}, "then": _ref("error")}
