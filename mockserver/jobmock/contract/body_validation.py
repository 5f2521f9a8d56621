"""Checks a body against a schema of `schemas/`, and returns the violations with JSON Pointer and source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .. import json_pointer
from ..errors import hint, short_repr
from . import documents
from .listed_members import Unlisted, listed, unlisted
from .violation import Violation

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_MOST_HINTS = 20
"""So many unlisted members of a body get the nearest listed name. Each takes time, and a body may have very many."""
_SOURCE = re.compile(r"\(schemas/[^)]*\)")


def violations(name: str, body: Any) -> list[Violation]:
    """Return the violations of the schema `name` (such as `clado/status.json`) in `body`, breaking ones first.

    Members that the schema doesn't list are `additive`. Raises NoSuchDocument.
    """
    breaking = {_violation(cause) for cause in errors(name, body)}
    found = sorted(breaking, key=lambda violation: (violation.pointer, violation.message))
    additive = [one for one in unlisted(listed(name), body) if not one.word]
    return found + [_additive(one, with_hint=number < _MOST_HINTS) for number, one in enumerate(additive)]


def errors(name: str, body: Any) -> Iterator[ValidationError]:
    """Yield the reference validator's errors; for `anyOf`, `oneOf` those of the best branch. Raises NoSuchDocument."""
    for error in documents.validator(name).iter_errors(body):
        yield from _causes(error)


def members(name: str) -> set[str]:
    """Return the top-level members that a schema lists. Raises NoSuchDocument."""
    return set(listed(name).members or ())


def source(schema: Any) -> str:
    """Return the source that a schema's description names, such as `schemas/clado/README.md#7`, or an empty text."""
    description = schema.get("description", "") if isinstance(schema, Mapping) else ""
    found = _SOURCE.search(description)
    return found.group(0)[1:-1] if found else ""


def _causes(error: ValidationError) -> list[ValidationError]:
    """Return the errors inside the branch that fits best, or the error itself where none does."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = {}
    for cause in error.context:
        branches.setdefault(cause.relative_schema_path[0], []).append(cause)
    fitting = [causes for causes in branches.values() if all(cause.relative_path for cause in causes)]
    return [deep for cause in fitting[0] for deep in _causes(cause)] if len(fitting) == 1 else [error]


def _violation(error: ValidationError) -> Violation:
    pointer = json_pointer.join(error.absolute_path)
    return Violation(pointer=pointer, message=_message(error), source=source(error.schema))


def _message(error: ValidationError) -> str:
    text = error.message if len(error.message) <= 300 else error.message[:297] + "..."
    allowed: Any = error.validator_value if error.validator == "enum" else ()
    near = hint(error.instance, map(str, allowed))
    return f"{text}.{near}"


def _additive(one: Unlisted, *, with_hint: bool) -> Violation:
    name = str(one.path[-1])
    message = f"No document lists the member {short_repr(name)}.{hint(name, one.known) if with_hint else ''}"
    return Violation(pointer=one.pointer, message=message, kind="additive")
