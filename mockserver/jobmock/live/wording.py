"""A cause → the rule that is broken, its place, and words that hold no personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import hint, printable
from .causes import Cause

_LONGEST = 60
_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


class Broken(NamedTuple):
    """A rule that is broken, the path of the value (or of the missing member), what tells it from others, and words."""

    rule: str
    path: tuple[str | int, ...]
    found: str
    message: str


def type_of(value: Any) -> str:
    """Return the JSON type of a value; a number without a fraction is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPES.get(type(value), "null")


def word(value: Any) -> str:
    """Return a word of a list as text, shortened; of anything that is no word its type."""
    text = value if isinstance(value, str) else repr(value) if isinstance(value, int | float) else type_of(value)
    return printable(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


def broken(cause: Cause) -> Iterator[Broken]:
    """Yield what a cause says; one that names members is one for each of them."""
    return _WORDS.get(cause.keyword, _refused)(cause)


def _missing(cause: Cause) -> Iterator[Broken]:
    for name in cause.rule:
        if name not in cause.instance:
            yield Broken("member-missing", (*cause.path, name), "", f"The required member {name!r} is missing.")


def _another_type(cause: Cause) -> Iterator[Broken]:
    types = cause.rule if isinstance(cause.rule, str) else " or ".join(cause.rule)
    found = type_of(cause.instance)
    yield Broken("type-changed", cause.path, found, f"Documented is {types}, and it is {found}.")


def _no_word(cause: Cause) -> Iterator[Broken]:
    words = [word(one) for one in (cause.rule if cause.keyword == "enum" else [cause.rule])]
    found = word(cause.instance)
    text = f"{found!r} is not in the list. Allowed: {', '.join(words)}.{hint(found, words)}"
    yield Broken("value-unknown", cause.path, found, text)


def _not_here(cause: Cause) -> Iterator[Broken]:
    yield Broken("member-refused", cause.path, "", "The member must not be here.")


def _refused(cause: Cause) -> Iterator[Broken]:
    bound = "" if isinstance(cause.rule, Mapping | list) else f" {cause.rule!r}"
    yield Broken("value-refused", cause.path, cause.keyword, f"The value breaks its bound: {cause.keyword}{bound}.")


_WORDS: Mapping[str, Callable[[Cause], Iterator[Broken]]] = {
    "required": _missing, "type": _another_type, "enum": _no_word, "const": _no_word, "not": _not_here,
}  # fmt: skip
