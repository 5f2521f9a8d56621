"""A cause → the rule that is broken, its place, and words that hold no personal data: a text is told only if it looks
like a word of a list, such as `pending`, for what should be a status may be somebody's name and number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ..engine.journal import redact
from ..errors import hint
from .validation_errors import Cause

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
MEDIA = re.compile(r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,40}(; ?charset=\"?[a-z0-9_-]{1,20}\"?)?", re.IGNORECASE)
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


def is_word(value: Any, form: re.Pattern[str] = WORD) -> bool:
    """Say whether a value can be told: a text of such a form that is no key."""
    return isinstance(value, str) and form.fullmatch(value) is not None and redact(value) == value


def word(value: Any, form: re.Pattern[str] = WORD) -> str:
    """Return a word as it is; of anything else its type, which is no word itself."""
    return str(value) if is_word(value, form) else f"a value of type {type_of(value)}"


def shown(value: Any, form: re.Pattern[str] = WORD) -> str:
    """Return a word in quotes; of any other text its length, of anything else its type."""
    if isinstance(value, str) and not is_word(value, form):
        return f"a text of {len(value)} character{'s' * (len(value) != 1)}"
    return repr(value) if isinstance(value, str) else word(value)


def beginning(text: str) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=1024)
def plain(pointer: str) -> str:
    """Return a pointer with `*` for whatever in it looks like no member's name."""
    return "/".join(part if not part or is_word(part) else "*" for part in pointer.split("/"))


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
    said = beginning(shown(cause.instance))
    text = f"{said} is not in the list. Allowed: {', '.join(words)}.{hint(found, words)}"
    yield Broken("value-unknown", cause.path, found, text)


def _not_here(cause: Cause) -> Iterator[Broken]:
    yield Broken("member-refused", cause.path, "", "The member must not be here.")


def _refused(cause: Cause) -> Iterator[Broken]:
    bound = "" if isinstance(cause.rule, Mapping | list) else f" {cause.rule!r}"
    yield Broken("value-refused", cause.path, cause.keyword, f"The value breaks its bound: {cause.keyword}{bound}.")


_WORDS: Mapping[str, Callable[[Cause], Iterator[Broken]]] = {
    "required": _missing, "type": _another_type, "enum": _no_word, "const": _no_word, "not": _not_here,
}  # fmt: skip
