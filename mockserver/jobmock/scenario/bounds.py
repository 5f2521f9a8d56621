"""The limits of a document: its size, its depth, the number of its values, and values that JSON can represent.

A value's pointer is made only for an error: pointers of every value would take far more memory than the document.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .. import json_pointer
from ..errors import Problem, ScenarioError, short_repr
from .document import Document, raise_problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_VALUES = 100_000
MAX_KEY = 1_000
LONG_KEY = f"A key has at most {MAX_KEY} characters."


class _Walk:
    """A walk through every value of some data, without recursion. `path` leads to the value where it is."""

    def __init__(self, data: Any) -> None:
        self.path: list[object] = []
        self._root = data

    def __iter__(self) -> Iterator[Any]:
        yield self._root
        path, levels = self.path, [_items(self._root)]
        while levels:
            entry = next(levels[-1], None)
            if entry is None:
                levels.pop()
                del path[-1:]
                continue
            key, value = entry
            path.append(key)
            yield value
            if isinstance(value, dict | list | tuple):
                levels.append(_items(value))
            else:
                path.pop()


def check_bounds(document: Document) -> Document:
    """Return the document if it is within the limits, and JSON can represent it. Raises ScenarioError."""
    walk, characters = _Walk(document.data), 0
    for values, value in enumerate(walk, 1):
        characters += _length(value)
        if wrong := _bound_problem(len(walk.path), values, characters, value):
            position = document.origin.position(json_pointer.join(walk.path))
            raise_problem(wrong, document.origin.source, position or (1, 1))
        if wrong := _json_problem(value):
            pointer = json_pointer.join(walk.path)
            raise ScenarioError([Problem(message=wrong, origin=document.origin, pointer=pointer)])
    return document


def _items(value: Any) -> Iterator[tuple[object, Any]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list | tuple) else iter(())


def _length(value: Any) -> int:
    """Return the number of characters of a text, or of the keys of a mapping."""
    if isinstance(value, str):
        return len(value)
    return sum(len(key) for key in value if isinstance(key, str)) if isinstance(value, dict) else 0


def _bound_problem(depth: int, values: int, characters: int, value: Any) -> str | None:
    """Return which limit of the whole document is exceeded at a value, or None."""
    if depth > MAX_DEPTH or (depth == MAX_DEPTH and isinstance(value, dict | list | tuple)):
        return f"The document is nested deeper than {MAX_DEPTH} levels."
    if values > MAX_VALUES:
        return f"The document has more than {MAX_VALUES} values."
    if characters > MAX_BYTES:
        return f"The document has more than {MAX_BYTES} characters in its texts."
    return None


def _json_problem(value: Any) -> str | None:
    """Return why JSON can't represent a value, or None; its children aren't looked at."""
    if isinstance(value, dict):
        return next((wrong for wrong in map(_key_problem, value) if wrong), None)
    if isinstance(value, str):
        return None if _is_text(value) else f"{value[:60]!r} holds half a surrogate pair."
    if isinstance(value, int):
        return None if -(2**63) <= value < 2**64 else "A whole number has at most 64 bits."
    if isinstance(value, float):
        return None if math.isfinite(value) else f"The number {value!r} is not finite."
    if value is None or isinstance(value, list | tuple):
        return None
    return f"{short_repr(value)} is no JSON value. Allowed: text, numbers, true, false, null, lists and mappings."


def _key_problem(key: Any) -> str | None:
    if not _is_text(key):
        return f"The key {short_repr(key)} is not text. Allowed: text."
    return LONG_KEY if len(key) > MAX_KEY else None


def _is_text(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
