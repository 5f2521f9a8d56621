"""Applies a fault's `change` to the JSON of an answer: values set and members omitted at JSON Pointers.

In a pointer, `*` stands for every item of a list or every member of an object, as in the report of a check. A place
that the answer doesn't have is left alone, but a member or the next item of a list can be added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

import orjson

from .. import json_pointer
from ..models import Change

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OMITTED: Any = object()
ANY = "*"


def changed_body(body: bytes, change: Change) -> bytes:
    """Return the body of an answer with a change; a body that isn't JSON keeps its bytes."""
    if change.set or change.omit:
        with suppress(orjson.JSONDecodeError):
            body = orjson.dumps(changed_data(orjson.loads(body), change.set, change.omit))
    return _BYTE_ORDER_MARK + body if change.byte_order_mark else body


def changed_data(data: Any, values: Mapping[str, Any], omitted: Sequence[str] = ()) -> Any:
    """Return the data with values set, and then with places omitted. It may change the data itself."""
    for pointer, value in values.items():
        data = _set(data, json_pointer.split(pointer), value)
    for pointer in omitted:
        data = _set(data, json_pointer.split(pointer), _OMITTED)
    return _without_omitted(data) if omitted else data


def _set(data: Any, parts: Sequence[str], value: Any) -> Any:
    """Return the data with a value at a path; the data without a change where the path leads nowhere."""
    if not parts:
        return deepcopy(value) if isinstance(value, Mapping | list) else value
    if isinstance(data, dict):
        for key in [*data] if parts[0] == ANY and ANY not in data else parts[:1]:
            _set_inner(data, key, key in data, parts[1:], value)
    elif isinstance(data, list):
        for index in _indexes(data, parts[0]):
            if index == len(data) and len(parts) == 1 and value is not _OMITTED:
                data.append(_set(None, (), value))
            elif index < len(data):
                _set_inner(data, index, True, parts[1:], value)
    return data


def _set_inner(data: Any, key: Any, present: bool, rest: Sequence[str], value: Any) -> None:
    if present:
        data[key] = _set(data[key], rest, value)
    elif not rest and value is not _OMITTED:
        data[key] = _set(None, rest, value)


def _indexes(data: list[Any], part: str) -> Sequence[int]:
    if part == ANY:
        return range(len(data))
    return [int(part)] if part.isascii() and part.isdigit() else []


def _without_omitted(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_omitted(value) for key, value in data.items() if value is not _OMITTED}
    return [_without_omitted(item) for item in data if item is not _OMITTED] if isinstance(data, list) else data


_EFFECTS: Mapping[str, Callable[[Change], str]] = {
    "status {}": lambda change: str(change.status or ""),
    "sets {}": lambda change: _first_of(list(change.set)),
    "omits {}": lambda change: _first_of(change.omit),
    "sends {}": lambda change: ", ".join(f"{name}: {value}" for name, value in change.headers.items()),
    "begins with {}": lambda change: "a byte order mark" * change.byte_order_mark,
}
_MOST_NAMED = 3


def describe_change(change: Change) -> list[str]:
    """Return what a change does, in words."""
    return [text.format(what) for text, effect in _EFFECTS.items() if (what := effect(change))]


def _first_of(pointers: Sequence[str]) -> str:
    more = len(pointers) - _MOST_NAMED
    named = ", ".join(pointer or "the whole body" for pointer in pointers[:_MOST_NAMED])
    return f"{named} and {more} more" if more > 0 else named
