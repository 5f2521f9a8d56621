"""Places of schemas in their documents: where a validator's keyword is, and where a new member or word belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from .. import json_pointer
from ..contract import documents
from .violation import LiveViolation


class _SchemaAt(NamedTuple):
    """A schema (or a keyword's value), with its document and its JSON Pointer there."""

    document: str
    pointer: str
    schema: Any

    @property
    def place(self) -> str:
        """The place as reports and patches name it."""
        return f"{self.document}#{self.pointer}"

    def inner(self, *parts: str | int) -> _SchemaAt:
        """Return what is at a path in this schema."""
        schema: Any = self.schema
        for part in parts:
            schema = schema[part]
        return _SchemaAt(self.document, self.pointer + json_pointer.join(parts), schema)

    def follow(self) -> _SchemaAt:
        """Return the schema that this one's `$ref` names."""
        file, _, pointer = self.schema["$ref"].partition("#")
        document = f"{self.document.rpartition('/')[0]}/{file}" if file else self.document
        return _SchemaAt(document, pointer, documents.at(document, pointer))

    def accepts(self, value: Any) -> bool:
        """Return whether a value is valid by this schema."""
        return bool(documents.validator(self.document, self.pointer).is_valid(value))


@partial(documents.cached, size=1024)
def schema_place(document: str, path: tuple[str | int, ...], keyword_value: str) -> str:
    """Return the place of a validator's keyword, such as `clado/status.json#/properties/status/enum`.

    The validator's `path` leaves references out. So the place must also have the right `keyword_value` (its `repr`).
    """
    ends = _ends_of(_root(document), path)
    found = next((end for end in ends if repr(end.schema) == keyword_value), None)
    return found.place if found else f"{document}#"


def with_schema_place(violation: LiveViolation, body: Any) -> LiveViolation:
    """Return an additive violation with the place where its member or word belongs.

    Of all schemas that apply there, it is the one that lists the most members or words.
    """
    if not violation.document or violation.kind != "additive":
        return violation
    parts = json_pointer.split(violation.at)
    keyword = "examples" if violation.rule == "value-new" else "properties"
    parent = parts if keyword == "examples" else parts[:-1]
    known = [one for one in _schemas_at(violation.document, body, parent) if keyword in one.schema]
    if not known:
        return violation
    largest = max(reversed(known), key=lambda one: len(one.schema[keyword]))
    return replace(violation, places=(largest.inner(keyword).place,))


def _root(document: str) -> _SchemaAt:
    return _SchemaAt(document, "", documents.document(document))


def _ends_of(start: _SchemaAt, path: tuple[str | int, ...]) -> Iterator[_SchemaAt]:
    """Yield every end of a path that leaves references out."""
    if not path:
        yield start
        return
    if not isinstance(start.schema, Mapping):
        yield from _ends_of(start.inner(path[0]), path[1:])
        return
    if path[0] in start.schema:
        yield from _ends_of(start.inner(path[0]), path[1:])
    if "$ref" in start.schema:
        yield from _ends_of(start.follow(), path)


def _schemas_at(document: str, body: Any, parts: list[str]) -> list[_SchemaAt]:
    """Return the schemas that apply to the value at the end of a path in the body."""
    schemas, value = list(_applying(_root(document), body)), body
    for part in parts:
        if isinstance(value, list):
            inner = [one.inner("items") for one in schemas if "items" in one.schema]
            value = value[int(part)]
        else:
            inner = [
                one.inner("properties", part) for one in schemas if part in one.schema.get("properties", ())
            ] or [one.inner("additionalProperties") for one in schemas if "additionalProperties" in one.schema]
            value = value[part]
        schemas = [applying for one in inner for applying in _applying(one, value)]
    return schemas


def _applying(schema: _SchemaAt, value: Any) -> Iterator[_SchemaAt]:
    """Yield a schema, and each schema in it that applies to this value: conditions are evaluated."""
    if not isinstance(schema.schema, Mapping):
        return
    yield schema
    if "$ref" in schema.schema:
        yield from _applying(schema.follow(), value)
    for index in range(len(schema.schema.get("allOf", ()))):
        yield from _applying(schema.inner("allOf", index), value)
    for keyword in ("anyOf", "oneOf"):
        for index in range(len(schema.schema.get(keyword, ()))):
            branch = schema.inner(keyword, index)
            if branch.accepts(value):
                yield from _applying(branch, value)
    if "if" in schema.schema:
        keyword = "then" if schema.inner("if").accepts(value) else "else"
        if keyword in schema.schema:
            yield from _applying(schema.inner(keyword), value)
