"""What is wrong with a body, by whichever validator there is: the value, and the rule that its document has for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..contract import bodies, documents, fast_validator
from .schema_places import placed

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_NOT_FOR_THE_FAST_ONE = (ValueError, TypeError, LookupError, AttributeError)
"""Such as a number beyond what it can hold, or a release that doesn't tell places."""


class Cause(NamedTuple):
    """A value that breaks a rule: its path and itself; the rule, its keyword, its place, and the section it is from."""

    path: tuple[str | int, ...]
    instance: Any
    keyword: str
    rule: Any
    place: str
    source: str


def causes(document: str, body: Any) -> list[Cause]:
    """Return every cause: by jsonschema-rs where that is installed, else by jsonschema. Raises NoSuchDocument."""
    fast = fast_validator.fast(document)
    if fast is not None:
        with suppress(*_NOT_FOR_THE_FAST_ONE):
            return [_of_the_fast_one(error) for error in fast.iter_errors(body)]
    return list(_of_the_reference(document, body))


def _of_the_fast_one(error: Any) -> Cause:
    place = error.absolute_keyword_location.removeprefix(documents.BASE)
    rule, source = _at(place)
    return Cause(tuple(error.instance_path), error.instance, place.rpartition("/")[2], rule, place, source)


def _of_the_reference(document: str, body: Any) -> Iterator[Cause]:
    for error in bodies.errors(document, body):
        yield _of_error(document, error)


def _of_error(document: str, error: ValidationError) -> Cause:
    place = placed(document, tuple(error.absolute_schema_path), repr(error.validator_value))
    source = bodies.source(error.schema)
    return Cause(
        tuple(error.absolute_path), error.instance, str(error.validator), error.validator_value, place, source
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _at(place: str) -> tuple[Any, str]:
    """Return the rule at a place, and the section that its schema is from."""
    document, _, pointer = place.partition("#")
    parts = pointer.split("/")[1:]
    return documents.at(document, parts), bodies.source(documents.at(document, parts[:-1]))
