"""Judges bodies: a document of `schemas/` and a body → Violations, each with its JSON Pointer and its source mark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import documents
from .errors import hint
from .models import Violation

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_SOURCE = re.compile(r"\(apis/[^)]*\)")


def violations(name: str, body: Any) -> list[Violation]:
    """Return where `body` leaves the document `name` (such as `clado/status.json`), breaking ones first.

    Members that no document lists are `additive`. Raises NoSuchDocument.
    """
    breaking = {
        _violation(cause) for error in documents.validator(name).iter_errors(body) for cause in _causes(error)
    }
    found = sorted(breaking, key=lambda violation: (violation.pointer, violation.message))
    return found + list(_additive(body, [At(name, documents.document(name))], ""))


def members(name: str) -> set[str]:
    """Return the top-level members that a document lists. Raises NoSuchDocument."""
    return {key for at in applied_to(At(name, documents.document(name))) for key in at.schema.get("properties", ())}


def _causes(error: ValidationError) -> list[ValidationError]:
    """Return the errors inside the branch that fits the value best, or the error itself where none does."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = {}
    for cause in error.context:
        branches.setdefault(cause.relative_schema_path[0], []).append(cause)
    fitting = [causes for causes in branches.values() if all(cause.relative_path for cause in causes)]
    return [deep for cause in fitting[0] for deep in _causes(cause)] if len(fitting) == 1 else [error]


def _violation(error: ValidationError) -> Violation:
    pointer = "".join(f"/{_escape(part)}" for part in error.absolute_path)
    description = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
    source = _SOURCE.search(description)
    return Violation(pointer=pointer, message=_message(error), source=source.group(0)[1:-1] if source else "")


def _message(error: ValidationError) -> str:
    text = error.message if len(error.message) <= 300 else error.message[:297] + "..."
    allowed: Any = error.validator_value if error.validator == "enum" else ()
    near = hint(error.instance, map(str, allowed))
    return f"{text}.{near}"


def _escape(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


class At:
    """A schema and the document that its references are relative to."""

    __slots__ = ("document", "schema")

    def __init__(self, document: str, schema: Any) -> None:
        self.document, self.schema = document, schema

    def inner(self, schema: Any) -> At:
        """Return another schema of the same document."""
        return At(self.document, schema)

    def follow(self) -> At:
        """Resolve this schema's `$ref`: `other.json`, `other.json#/$defs/x` or `#/$defs/x`."""
        file, _, fragment = self.schema["$ref"].partition("#")
        name = f"{self.document.rpartition('/')[0]}/{file}" if file else self.document
        schema: Any = documents.document(name)
        for part in fragment.split("/")[1:]:
            schema = schema[part.replace("~1", "/").replace("~0", "~")]
        return At(name, schema)


def _additive(body: Any, schemas: list[At], pointer: str) -> Iterator[Violation]:
    """Walk body and schemas together and report the members that none of the schemas lists."""
    applied = [part for schema in schemas for part in applied_to(schema)]
    if isinstance(body, list):
        items = [at.inner(at.schema["items"]) for at in applied if "items" in at.schema]
        for index, item in enumerate(body if items else ()):
            yield from _additive(item, items, f"{pointer}/{index}")
    elif isinstance(body, Mapping) and any("properties" in at.schema for at in applied):
        listing: dict[str, list[At]] = {}
        for at in applied:
            for key in at.schema.get("properties", ()):
                listing.setdefault(key, []).append(at)
        open_to_all = any("additionalProperties" in at.schema for at in applied)
        for key, value in body.items():
            place = f"{pointer}/{_escape(key)}"
            if key in listing:
                yield from _additive(value, [at.inner(at.schema["properties"][key]) for at in listing[key]], place)
            elif not open_to_all:
                message = f"No document lists the member {key!r}.{hint(key, listing)}"
                yield Violation(pointer=place, message=message, kind="additive")


def applied_to(at: At) -> Iterator[At]:
    """Yield every schema that may apply to one value: through references, `allOf`, `anyOf`, `oneOf` and `if`."""
    if not isinstance(at.schema, Mapping):
        return
    yield at
    if "$ref" in at.schema:
        yield from applied_to(at.follow())
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in at.schema.get(keyword, ()):
            yield from applied_to(at.inner(branch))
    for keyword in ("then", "else"):
        if keyword in at.schema:
            yield from applied_to(at.inner(at.schema[keyword]))
