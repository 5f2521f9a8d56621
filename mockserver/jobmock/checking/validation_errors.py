"""The validation errors of a body, in one form for both validators: jsonschema-rs if it is installed, or jsonschema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ..contract import body_validation, documents, fast_validator
from .schema_places import schema_place

if TYPE_CHECKING:
    from jsonschema import exceptions

_FAST_VALIDATOR_FAILS = (ValueError, TypeError, LookupError, AttributeError)
"""For example at a number that it can't hold, or in a release that doesn't give the places of schemas."""


class ValidationError(NamedTuple):
    """A value that breaks a keyword of its schema: the value with its path, and the keyword with its value and place.

    `source` is the section of the documents that the schema is from.
    """

    path: tuple[str | int, ...]
    instance: Any
    keyword: str
    keyword_value: Any
    schema_place: str
    source: str


def validation_errors(document: str, body: Any) -> list[ValidationError]:
    """Return the validation errors of a body. Raises NoSuchDocument."""
    fast = fast_validator.fast(document)
    if fast is not None:
        with suppress(*_FAST_VALIDATOR_FAILS):
            return [_from_jsonschema_rs(error) for error in fast.iter_errors(body)]
    return list(_errors_of_jsonschema(document, body))


def _from_jsonschema_rs(error: Any) -> ValidationError:
    place = error.absolute_keyword_location.removeprefix(documents.BASE)
    value, source = _keyword_at(place)
    return ValidationError(tuple(error.instance_path), error.instance, place.rpartition("/")[2], value, place, source)


def _errors_of_jsonschema(document: str, body: Any) -> Iterator[ValidationError]:
    for error in body_validation.errors(document, body):
        yield _from_jsonschema(document, error)


def _from_jsonschema(document: str, error: exceptions.ValidationError) -> ValidationError:
    value = error.validator_value
    place = schema_place(document, tuple(error.absolute_schema_path), repr(value))
    source = body_validation.source(error.schema)
    return ValidationError(tuple(error.absolute_path), error.instance, str(error.validator), value, place, source)


@partial(documents.cached, size=1024)
def _keyword_at(place: str) -> tuple[Any, str]:
    """Return the value of the keyword at a place, and the section that its schema is from."""
    document, _, pointer = place.partition("#")
    schema = documents.at(document, pointer.rpartition("/")[0])
    return documents.at(document, pointer), body_validation.source(schema)
