"""The rule that a validation error breaks, and the message for it, without personal data.

A text is shown only if it looks like a word of a list, such as `pending`: in place of a status there may be somebody's
name or telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ..errors import hint
from ..redaction import redact
from .validation_errors import ValidationError

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
MEDIA_TYPE = re.compile(
    r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,40}(; ?charset=\"?[a-z0-9_-]{1,20}\"?)?", re.IGNORECASE
)  # fmt: skip
_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


class BrokenRule(NamedTuple):
    """A broken rule, the path of the value (or of the missing member), the found type or word, and the message."""

    rule: str
    path: tuple[str | int, ...]
    found: str
    message: str


def json_type(value: Any) -> str:
    """Return the JSON type of a value; a number without a fraction is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPES.get(type(value), "null")


def is_word(value: Any, form: re.Pattern[str] = WORD) -> bool:
    """Return whether a value may be shown: a text of this form that is no key."""
    return isinstance(value, str) and form.fullmatch(value) is not None and redact(value) == value


def word_or_type(value: Any, form: re.Pattern[str] = WORD) -> str:
    """Return a word as it is, and the type of any other value, in a form that is no word."""
    return str(value) if is_word(value, form) else f"a value of type {json_type(value)}"


def describe(value: Any, form: re.Pattern[str] = WORD) -> str:
    """Return a word in quotes, the length of any other text, and the type of any other value."""
    if isinstance(value, str) and not is_word(value, form):
        return f"a text of {len(value)} character{'s' * (len(value) != 1)}"
    return repr(value) if isinstance(value, str) else word_or_type(value)


def capitalize(text: str) -> str:
    """Return a text with its first letter in upper case, and the others as they are."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=1024)
def safe_pointer(pointer: str) -> str:
    """Return a pointer with `*` for each part that doesn't look like a member's name."""
    return "/".join(part if not part or is_word(part) else "*" for part in pointer.split("/"))


def broken_rules(error: ValidationError) -> Iterator[BrokenRule]:
    """Yield the rules that an error breaks: one for each missing member, else one."""
    return _BROKEN_RULES.get(error.keyword, _value_refused)(error)


def _member_missing(error: ValidationError) -> Iterator[BrokenRule]:
    for name in error.keyword_value:
        if name not in error.instance:
            message = f"The required member {name!r} is missing."
            yield BrokenRule("member-missing", (*error.path, name), "", message)


def _type_changed(error: ValidationError) -> Iterator[BrokenRule]:
    types = error.keyword_value if isinstance(error.keyword_value, str) else " or ".join(error.keyword_value)
    found = json_type(error.instance)
    yield BrokenRule("type-changed", error.path, found, f"Documented is {types}, and it is {found}.")


def _value_unknown(error: ValidationError) -> Iterator[BrokenRule]:
    allowed = error.keyword_value if error.keyword == "enum" else [error.keyword_value]
    words = [word_or_type(value) for value in allowed]
    found = word_or_type(error.instance)
    subject = capitalize(describe(error.instance))
    text = f"{subject} is not in the list. Allowed: {', '.join(words)}.{hint(found, words)}"
    yield BrokenRule("value-unknown", error.path, found, text)


def _member_refused(error: ValidationError) -> Iterator[BrokenRule]:
    yield BrokenRule("member-refused", error.path, "", "The member must not be here.")


def _value_refused(error: ValidationError) -> Iterator[BrokenRule]:
    bound = "" if isinstance(error.keyword_value, Mapping | list) else f" {error.keyword_value!r}"
    message = f"The value breaks its bound: {error.keyword}{bound}."
    yield BrokenRule("value-refused", error.path, error.keyword, message)


_BROKEN_RULES: Mapping[str, Callable[[ValidationError], Iterator[BrokenRule]]] = {
    "required": _member_missing, "type": _type_changed, "enum": _value_unknown, "const": _value_unknown,
    "not": _member_refused,
}  # fmt: skip
"""By the keyword of JSON Schema; any other keyword refuses a value."""
