"""Where an answer leaves the contract and its sanitized body doesn't show it: in the records of a list, mainly.

The places are found by the rules of the check. The values there are synthetic, of the type that was seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from operator import getitem
from typing import Any

from .. import json_pointer
from ..checking.validation_errors import ValidationError, validation_errors
from ..contract.fast_validator import conforms
from ..contract.listed_members import Listed, listed, unlisted
from .hidden_values import HiddenValue
from .replaced_names import ReplacedNames
from .synthetic_shapes import shape_of, whole_shape_of

ABSENT = HiddenValue("absent")
"""In place of a value that isn't there."""
_LARGEST = 10**9 - 1
_Path = tuple[str | int, ...]


def deviations(document: str, body: Any, names: ReplacedNames, *, everywhere: bool = False) -> Mapping[str, Any]:
    """Return the deviations of a body from its document: a synthetic value, or ABSENT, by JSON Pointer.

    What the sanitized body shows is only in it with `everywhere`.
    """
    root, found = listed(document), dict[str, Any]()
    for path, value, shown in _all(document, root, body, names):
        if everywhere or not shown or any(isinstance(part, int) for part in path):
            at, whole = _place(path, own_lists=everywhere)
            pointer = json_pointer.join(_named(root, at, names))
            found[pointer] = whole_shape_of(reduce(getitem, at, body), names) if whole else value
    return found


def _all(document: str, root: Listed, body: Any, names: ReplacedNames) -> Iterator[tuple[_Path, Any, bool]]:
    """Yield the place of each deviation, the value there, and whether the sanitized body shows it in an object."""
    if conforms(document, body):
        return
    for error in validation_errors(document, body):
        for path, value in _values(error, root, names):
            yield path, value, error.keyword in _BY_KEYWORD
    for one in unlisted(root, body):
        yield one.path, names.word(one.value) if one.word else shape_of(one.value, names), True


def _place(path: _Path, *, own_lists: bool) -> tuple[_Path, bool]:
    """Return the place that a deviation changes, and whether that is a whole list with the deviation in it.

    A record of the mock has other lists than the recorded one. So has its whole body with `own_lists`.
    """
    indexes = [number for number, part in enumerate(path) if isinstance(part, int)]
    lists = indexes if own_lists else indexes[1:]
    return (path[: lists[0]], True) if lists else (path, False)


def _values(error: ValidationError, root: Listed, names: ReplacedNames) -> Iterator[tuple[_Path, Any]]:
    """Yield the places of an error, each with the value there."""
    if error.keyword == "required":
        yield from (((*error.path, name), ABSENT) for name in error.keyword_value if name not in error.instance)
    elif error.keyword in _CLOSING:
        known = _members_at(root, error.path)
        others = ((name, value) for name, value in error.instance.items() if name not in known)
        yield from (((*error.path, name), shape_of(value, names)) for name, value in others)
    elif error.keyword in ("enum", "const") and isinstance(error.instance, str):
        yield error.path, names.word(error.instance)
    elif error.keyword == "type" and isinstance(error.instance, str) and error.path and isinstance(error.path[-1], int):
        yield error.path, names.record(error.instance)
    elif error.keyword in _BY_KEYWORD:
        yield error.path, shape_of(error.instance, names)
    else:
        yield error.path, _refused(error.instance, names)


_BY_KEYWORD = ("required", "type", "enum", "const", "not")
"""The keywords that are about the presence, the type or the word of a value; the others are about its bounds."""
_CLOSING = ("additionalProperties", "unevaluatedProperties")
"""The keywords with which a schema refuses the members that it doesn't list."""


def _members_at(root: Listed, path: _Path) -> Collection[str]:
    """Return the names of the members that the documents list at a place."""
    at: Listed | None = root
    for part in path:
        at = (at.items if isinstance(part, int) else (at.members or {}).get(part)) if at else None
    return (at.members if at else None) or ()


def _refused(value: Any, names: ReplacedNames) -> Any:
    """Return a value outside the bounds of its schema, as the recorded one is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shape_of(value, names)
    return max(-_LARGEST, min(value, _LARGEST))


def _named(root: Listed, path: _Path, names: ReplacedNames) -> Iterator[str | int]:
    """Yield the parts of a path, with other names for members that no document lists."""
    at: Listed | None = root
    for part in path:
        members = (at.members if at else None) or {}
        yield part if isinstance(part, int) or part in members else names.member(part)
        at = (at.items if isinstance(part, int) else members.get(part)) if at else None
