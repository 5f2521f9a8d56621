"""The cells of an API: everything that a client can meet. They come from the API's own tables and schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from .. import apis
from ..contract import documents
from ..dialect.api import Api, Operation
from ..dialect.sample_answers import sample_answer
from ..engine.progression import ABSENT, plan
from ..models import Scenario, Step

FAULTS, PAGES, RETRY_AFTER, SWITCHES, ENDINGS = "faults", "pages", "Retry-After", "switches", "endings"
"""The groups besides those of the operations."""
STATUS = "status"
"""The operation whose answers have the status of a job."""
UNLISTED = "unlisted status"
NONE, ONE, BOUNDARY, MANY, GROWING = "none", "one", "boundary", "many", "growing"
"""Shapes of a job's pages: no page, one page, a full last page, several pages, people before the end."""
FORMS: Mapping[str | None, str] = {"seconds": "in seconds", "date": "as a date", None: "without"}
"""Form of a Retry-After → its name."""
PARTS_MISSING = "parts missing"
GONE = "gone"

_WITH_RETRY_AFTER = (429, 503)
_NOT_NETWORK = ("operation", "when", "respond", "change", "retry_after")
"""The keys of a fault that don't say what happens to bytes and connections. A refusal is a cell of its operation."""


class Cell(NamedTuple):
    """Something that a client can meet. The group is an operation, or one of those above."""

    api: str
    group: str
    name: str


@cache
def cells_of(api: str) -> tuple[Cell, ...]:
    """Return all cells of an API, in the order in which reports show them."""
    dialect = apis.load(api)
    answers = ((operation, name) for operation, names in answer_names(dialect).items() for name in names)
    groups = {
        FAULTS: _faults(), PAGES: _pages(dialect), RETRY_AFTER: _retry_after(dialect), SWITCHES: _switches(api),
        ENDINGS: _endings(dialect),
    }  # fmt: skip
    others = ((group, name) for group, names in groups.items() for name in names)
    return tuple(Cell(api, *one) for one in (*answers, *others))


def answer_names(api: Api) -> dict[str, list[str]]:
    """Return the names of all answers of each operation."""
    details = answer_details(api)
    found: dict[str, list[str]] = {operation.name: [] for operation in api.operations}
    for (operation, status), names in sorted(details.items()):
        found[operation] += [answer_name(status, name) for name in names]
    return found


def answer_name(status: int, detail: str) -> str:
    """Return the name of an answer: its HTTP status, and the job's status or the error's code if there is one."""
    return f"{status} {detail}".rstrip()


def answer_details(api: Api) -> dict[tuple[str, int], list[str]]:
    """Return operation, HTTP status → the job statuses or error codes that such answers have; else an empty text."""
    found: dict[tuple[str, int], list[str]] = {}
    for operation in api.operations:
        for status in operation.replies:
            names = found.setdefault((operation.name, status), [])
            names += [name for name in _details(api, operation, status) if name not in names]
    return found


def _details(api: Api, operation: Operation, status: int) -> list[str]:
    if operation.name == STATUS and status < 300:
        statuses = documents.definitions(api.name)["status"]["enum"]
        shown = [*(name for name in statuses if name != ABSENT), UNLISTED]
        alone = sum(code < 300 for code in operation.replies) == 1
        return [name for name in shown if alone or _code_of(api, operation, name) == status]
    codes = (api.error_codes.get(name, name) for name in errors_of(api, operation, status))
    return list(dict.fromkeys(codes)) or [""]


def _code_of(api: Api, operation: Operation, status: str) -> int:
    """Return the HTTP status with which an API answers a poll of a job with a status."""
    scenario = Scenario(name=f"{api.name}/{status}", api=api.name, summary="", progression=(Step(status=status),))
    return sample_answer(api, operation, plan(scenario, api.shows), 0).status


def errors_of(api: Api, operation: Operation, status: int) -> list[str]:
    """Return the errors with an HTTP status that an operation can have. What can't be found depends on its path."""
    names = api.errors_of(operation, status)
    if status != 404:
        return names
    absent = (operation.not_found_error,) if operation.not_found_error else (api.not_found_error, api.foreign_job_error)
    return [name for name in names if name in absent or name in operation.errors]


def _faults() -> Iterator[str]:
    properties: Mapping[str, Any] = documents.at("scenario.schema.json", "/definitions/fault/properties")
    for name, schema in properties.items():
        if name not in _NOT_NETWORK:
            yield from (f"{name} {value}" for value in schema["enum"]) if "enum" in schema else (name,)


def _pages(api: Api) -> tuple[str, ...]:
    return (NONE, ONE, BOUNDARY, MANY, GROWING) if api.paging else ()


def _retry_after(api: Api) -> Iterator[str]:
    listed = {status for operation in api.operations for status in operation.replies}
    for status in _WITH_RETRY_AFTER:
        if status in listed:
            yield from (f"{status} {form}" for form in FORMS.values())


def _switches(api: str) -> Iterator[str]:
    """Yield the choices of each switch but its default, or one for all if they aren't listed."""
    for name, schema in documents.definitions(api)["switches"]["properties"].items():
        listed = schema.get("enum", (False, True) if schema.get("type") == "boolean" else None)
        choices = ["…"] if listed is None else [_written(value) for value in listed if value != schema["default"]]
        yield from (f"{name}={choice}" for choice in choices)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _endings(api: Api) -> Iterator[str]:
    for status in sorted(api.terminal):
        yield status
        if api.is_success(status) and api.partial is not None:
            yield f"{status}, {PARTS_MISSING}"
    yield GONE
