"""Serializes answers. Long answers are cached, so that the polls of a step cost the same at any length.

The key of the cache is the JSON of the answer itself, with the name of each `Part` in the place of the part. A name
contains all that its part depends on, so one key never stands for two answers.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import orjson

from ..dialect.answers import CachedBody, Part

MAX_BYTES = 32 << 20
_OVERHEAD = 200
_MARK = b"\0"
"""A byte that JSON never has: it marks the names of parts."""


class Serializer:
    """Serializes answers, and caches those with parts, up to `most_bytes`; the least recently used ones go first."""

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._most_bytes, self._bytes = most_bytes, 0

    def bytes_of(self, body: Any) -> bytes:
        """Return the bytes of a body: text unchanged, everything else as JSON."""
        if type(body) is CachedBody:
            sketch = body.sketch
            if sketch is None:
                sketch = body.sketch = _sketched(body.body)
                body.parted = _MARK in sketch
            return self._whole(sketch, body.body) if body.parted else sketch
        if isinstance(body, str):
            return body.encode()
        sketch = _sketched(body)
        return self._whole(sketch, body) if _MARK in sketch else sketch

    def _whole(self, sketch: bytes, body: Any) -> bytes:
        """Return an answer with all its parts."""
        kept = self._kept.get(sketch)
        if kept is not None:
            self._kept.move_to_end(sketch)
            return kept
        whole = orjson.dumps(body, default=_made)
        self._keep(sketch, whole)
        return whole

    def _keep(self, sketch: bytes, whole: bytes) -> None:
        self._kept[sketch] = whole
        self._bytes += _size(sketch, whole)
        while self._bytes > self._most_bytes:
            self._bytes -= _size(*self._kept.popitem(last=False))


def _sketched(body: Any) -> bytes:
    """Return an answer as JSON, with the name of each part in its place."""
    return orjson.dumps(body, default=_named)


def _named(part: Part) -> orjson.Fragment:
    return orjson.Fragment(b"%b%b%b" % (_MARK, part.name, _MARK))


def _made(part: Part) -> Any:
    return part.make()


def _size(sketch: bytes, whole: bytes) -> int:
    return _OVERHEAD + len(sketch) + len(whole)
