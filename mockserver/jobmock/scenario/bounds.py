"""The limits of a document: its size, its depth, the number of its values, and values that JSON can represent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NoReturn

from .. import json_pointer
from ..errors import Problem, ScenarioError, short_repr
from .document import Document, raise_problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_VALUES = 100_000


def check_bounds(document: Document) -> Document:
    """Return the document if it is within the limits, and JSON can represent it. Raises ScenarioError."""
    level, depth, values = [("", document.data)], 0, 0
    while level:
        depth, values = depth + 1, values + len(level)
        if depth > MAX_DEPTH + 1 or (depth > MAX_DEPTH and any(isinstance(value, (dict, list)) for _, value in level)):
            _raise_at_position(document, level[0][0], f"The document is nested deeper than {MAX_DEPTH} levels.")
        if values > MAX_VALUES:
            _raise_at_position(document, level[0][0], f"The document has more than {MAX_VALUES} values.")
        for pointer, value in level:
            if wrong := _json_problem(value):
                _raise_at_pointer(document, pointer, wrong)
        level = [inner for pointer, value in level for inner in _children(pointer, value)]
    return document


def _raise_at_position(document: Document, pointer: str, message: str) -> NoReturn:
    raise_problem(message, document.origin.source, document.origin.position(pointer) or (1, 1))


def _children(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"{pointer}/{json_pointer.escape(key)}", child) for key, child in value.items())
    elif isinstance(value, list | tuple):
        yield from ((f"{pointer}/{number}", child) for number, child in enumerate(value))


def _json_problem(value: Any) -> str | None:
    """Return why JSON can't represent a value, or None; its children aren't looked at."""
    if isinstance(value, dict):
        return next((f"The key {key!r} is not text. Allowed: text." for key in value if not _is_text(key)), None)
    if isinstance(value, str):
        return None if _is_text(value) else f"{value[:60]!r} holds half a surrogate pair."
    if isinstance(value, int):
        return None if -(2**63) <= value < 2**64 else "A whole number has at most 64 bits."
    if isinstance(value, float):
        return None if math.isfinite(value) else f"The number {value!r} is not finite."
    if value is None or isinstance(value, list | tuple):
        return None
    return f"{short_repr(value)} is no JSON value. Allowed: text, numbers, true, false, null, lists and mappings."


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _raise_at_pointer(document: Document, pointer: str, message: str) -> NoReturn:
    raise ScenarioError([Problem(message=message, origin=document.origin, pointer=pointer)])
