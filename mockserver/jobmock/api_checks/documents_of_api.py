"""Checks the JSON Schemas of an API: each is valid, leads to what it refers to, and obeys its own examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .. import json_pointer
from ..contract import documents
from ..contract.listed_members import At
from ..dialect.failures import sentence_of
from ..errors import JobmockError, Problem, short_repr
from .checked_api import CheckedApi, described, hint

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""The keywords whose value has schemas by name."""
_DATA = ("enum", "const", "default", "examples")
"""The keywords whose value is data, and no schema."""

_NO_DIALECT: Any = None
"""What stands for the class of validators where `$schema` isn't known."""


class Part(NamedTuple):
    """A schema in a document, and its place there."""

    pointer: str
    schema: Mapping[str, Any]


def check_documents(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the documents that are missing, are no JSON Schema, or refer to what isn't there."""
    known = subject.documents()
    names = [name.removeprefix(f"{subject.api.name}/") for name in known]
    for number, operation in subject.numbered():
        for status, name in operation.replies.items():
            if name is not None and subject.document(name) not in known:
                text = f"{described(operation)} answers {status} with {name!r}, which isn't in schemas/."
                message = f"{text} Allowed: {', '.join(names) or 'none'}.{hint(name, names)}"
                yield subject.at("operations", number, "replies", status, message=message)
    for name in known:
        yield from _document(subject, name)


def _document(subject: CheckedApi, name: str) -> Iterator[Problem]:
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    try:
        schema = documents.document(name)
        dialect: Any = validator_for(schema, default=_NO_DIALECT) if isinstance(schema, Mapping) else None
    except (OSError, ValueError, RecursionError) as error:
        yield subject.in_document(name, "", f"This is no JSON. {sentence_of(error)}")
        return
    if dialect is None:
        text = "The document needs a `$schema` that is known, such as https://json-schema.org/draft/2020-12/schema."
        yield subject.in_document(name, "", text)
        return
    try:
        dialect.check_schema(schema)
    except SchemaError as error:
        text = f"This is no JSON Schema: {error.message}."
        yield subject.in_document(name, json_pointer.join(error.absolute_path), text)
        return
    yield from _references(subject, name, schema)


def _references(subject: CheckedApi, name: str, schema: Mapping[str, Any]) -> Iterator[Problem]:
    for part in parts(schema):
        if "$ref" in part.schema:
            try:
                At(name, part.schema).follow()
            except (JobmockError, LookupError, ValueError, TypeError):
                text = f"`$ref` is {short_repr(part.schema['$ref'])}, and nothing is there."
                yield subject.in_document(name, f"{part.pointer}/$ref", text)


def check_examples(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the examples and defaults in schemas that their own schema forbids."""
    for name in subject.documents():
        for part in parts(documents.document(name)):
            examples = enumerate(part.schema.get("examples", ()))
            given = [("example", f"examples/{number}", one) for number, one in examples]
            given += [("default", "default", part.schema["default"])] if "default" in part.schema else []
            for word, place, value in given:
                error = next(documents.validator(name, part.pointer).iter_errors(value), None)
                if error is not None:
                    text = f"This {word} breaks its own schema: {error.message[:300]}."
                    yield subject.in_document(name, f"{part.pointer}/{place}", text)


def parts(schema: Any, pointer: str = "") -> Iterator[Part]:
    """Yield a schema and all schemas in it, at any depth."""
    if isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from parts(inner, f"{pointer}/{number}")
    if not isinstance(schema, Mapping):
        return
    yield Part(pointer, schema)
    for keyword, value in schema.items():
        place = f"{pointer}/{json_pointer.escape(keyword)}"
        if keyword in _MAPS and isinstance(value, Mapping):
            for name, inner in value.items():
                yield from parts(inner, f"{place}/{json_pointer.escape(name)}")
        elif keyword not in _DATA:
            yield from parts(value, place)
