"""JSON Pointers (RFC 6901): the places of values in JSON documents, such as `/results/0/name`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def join(parts: Iterable[object]) -> str:
    """Return the JSON Pointer of a path of keys and indexes."""
    return "".join(f"/{escape(part)}" for part in parts)


def split(pointer: str) -> list[str]:
    """Return the parts of a JSON Pointer, unescaped. Anything before the first `/` is ignored."""
    return [unescape(part) for part in pointer.split("/")[1:]]


def escape(part: object) -> str:
    """Return a key or an index as one part of a JSON Pointer."""
    return str(part).replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """Return the key that one part of a JSON Pointer names."""
    return part.replace("~1", "/").replace("~0", "~")


def value_at(value: Any, path: Sequence[str]) -> Any:
    """Return the value at a path of members, None if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def without(value: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
    """Return an object without the member at a path of members."""
    name, *inner = path
    if not inner:
        return {key: own for key, own in value.items() if key != name}
    own = value.get(name)
    return {**value, name: without(own, inner)} if isinstance(own, Mapping) else value


def has(value: Any, path: Sequence[str]) -> bool:
    """Return whether there is a member at a path of members."""
    around = value_at(value, path[:-1])
    return isinstance(around, Mapping) and path[-1] in around
