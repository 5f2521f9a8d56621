"""JSON Pointers (RFC 6901): the places of values in JSON documents, such as `/results/0/name`."""

from __future__ import annotations

from collections.abc import Iterable


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
