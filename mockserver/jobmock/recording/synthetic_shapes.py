"""The shape of a value that no document lists: its types, with no value and no name of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .hidden_values import HiddenValue
from .replaced_names import ReplacedNames

_DEEPEST, _MOST_MEMBERS, _MOST_ITEMS = 4, 100, 1
_WHOLE = 20, 100, 100
"""The same limits for a part of a record, whose records are all kept."""


def shape_of(value: Any, names: ReplacedNames, limits: tuple[int, int, int] | None = None) -> Any:
    """Return the shape of a value: its members under other names, and one item of a list.

    `limits` are how many levels, members and items are kept.
    """
    deepest, members, items = limits or (_DEEPEST, _MOST_MEMBERS, _MOST_ITEMS)
    inner = deepest - 1, members, items
    if isinstance(value, Mapping):
        kept = list(value.items())[:members] if deepest else []
        return {names.member(key): shape_of(item, names, inner) for key, item in kept}
    if isinstance(value, list):
        return [shape_of(item, names, inner) for item in value[:items]] if deepest else []
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if value in names.listed else HiddenValue("text")
    return hidden_number(value)


def whole_shape_of(value: Any, names: ReplacedNames) -> Any:
    """Return the shape of a value with all its items."""
    return shape_of(value, names, _WHOLE)


def hidden_number(value: float) -> HiddenValue:
    """Return the hidden value of a number, which is still whole or not."""
    return HiddenValue("number" if isinstance(value, int) or value.is_integer() else "fraction")
