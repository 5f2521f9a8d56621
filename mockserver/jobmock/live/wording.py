"""A validator's error → the rule that is broken, its place, and words that hold no personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import hint, printable
from .placing import placed

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_LONGEST = 60
_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


class Broken(NamedTuple):
    """A rule that is broken, the path of the value (or of the missing member), and the schema that says so."""

    rule: str
    path: tuple[str | int, ...]
    found: str
    message: str
    place: str


def type_of(value: Any) -> str:
    """Return the JSON type of a value; a number without a fraction is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPES.get(type(value), "null")


def word(value: Any) -> str:
    """Return a word of a list as text, shortened; of anything that is no word its type."""
    text = value if isinstance(value, str) else repr(value) if isinstance(value, int | float) else type_of(value)
    return printable(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


def broken(error: ValidationError, document: str) -> Iterator[Broken]:
    """Yield what an error says; one that names members is one for each of them."""
    words = _WORDS.get(str(error.validator), _refused)
    path, rule = tuple(error.absolute_path), repr(error.validator_value)
    place = placed(document, tuple(error.absolute_schema_path), rule)
    for rule, more, found, message in words(error):
        yield Broken(rule, path + more, found, message, place)


_Said = Iterator[tuple[str, tuple[str, ...], str, str]]


def _missing(error: ValidationError) -> _Said:
    required: Any = error.validator_value
    instance: Any = error.instance
    for name in required:
        if name not in instance:
            yield "member-missing", (name,), "", f"The required member {name!r} is missing."


def _another_type(error: ValidationError) -> _Said:
    allowed: Any = error.validator_value
    types = allowed if isinstance(allowed, str) else " or ".join(allowed)
    found = type_of(error.instance)
    yield "type-changed", (), found, f"Documented is {types}, and it is {found}."


def _no_word(error: ValidationError) -> _Said:
    allowed: Any = error.validator_value
    words = [word(one) for one in (allowed if error.validator == "enum" else [allowed])]
    found = word(error.instance)
    text = f"{found!r} is not in the list. Allowed: {', '.join(words)}.{hint(found, words)}"
    yield "value-unknown", (), found, text


def _not_here(error: ValidationError) -> _Said:
    yield "member-refused", (), "", "The member must not be here."


def _refused(error: ValidationError) -> _Said:
    bound = "" if isinstance(error.validator_value, Mapping | list) else f" {error.validator_value!r}"
    yield "value-refused", (), str(error.validator), f"The value breaks its bound: {error.validator}{bound}."


_WORDS: Mapping[str, Callable[[ValidationError], _Said]] = {
    "required": _missing, "type": _another_type, "enum": _no_word, "const": _no_word, "not": _not_here,
}  # fmt: skip
