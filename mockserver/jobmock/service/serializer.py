"""Serializes answers. Long answers are cached, so that a poll costs the same at any length.

The key of the cache is the JSON of the answer itself, with the name of each `Part` in the place of the part. A name
contains all that its part depends on, so one key never stands for two answers.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from ..dialect.answers import CachedBody, Part, compact
from ..engine.stored_answers import AnswerRoom

MAX_BYTES = 32 << 20
_OVERHEAD = 200
_DATA_TOO = 2
"""A stored answer is data, which takes about as much room as its JSON, and the JSON."""
_MARK = b"\0"
"""A byte that JSON never has: it marks the names of parts."""


class LongAnswer(Exception):
    """Raised when an answer takes long to make. Run `slices`, and serialize it again, `at_once`."""

    def __init__(self, slices: Iterator[None]) -> None:
        super().__init__()
        self.slices = slices


class Serializer:
    """Serializes answers, and caches those with parts, up to `max_bytes`; the least recently used ones go first."""

    def __init__(self, room: AnswerRoom | None = None, max_bytes: int = MAX_BYTES) -> None:
        self._room = AnswerRoom() if room is None else room
        self._cache: OrderedDict[bytes, bytes] = OrderedDict()
        self._max_bytes, self._bytes = max_bytes, 0

    def bytes_of(self, body: Any, at_once: bool = True) -> bytes:
        """Return the bytes of a body: text unchanged, none of None, everything else as JSON.

        Raises LongAnswer, unless `at_once`.
        """
        if type(body) is CachedBody:
            skeleton = body.skeleton
            if skeleton is None:
                skeleton = body.skeleton = compact(_skeleton_of(body.body))
                body.has_parts = _MARK in skeleton
                self._room.add(body.job, _DATA_TOO * len(skeleton))
            return self._whole(skeleton, body.body, at_once) if body.has_parts else skeleton
        if isinstance(body, str):
            return body.encode()
        if body is None:
            return b""
        skeleton = _skeleton_of(body)
        return self._whole(skeleton, body, at_once) if _MARK in skeleton else skeleton

    def _whole(self, skeleton: bytes, body: Any, at_once: bool) -> bytes:
        """Return an answer as JSON with the values of its parts."""
        cached = self._cache.get(skeleton)
        if cached is not None:
            self._cache.move_to_end(skeleton)
            return cached
        if not at_once and (long := _long_parts(body)):
            raise LongAnswer(step for slices in long for step in slices())
        whole = compact(orjson.dumps(body, default=_part_value))
        self._store(compact(skeleton), whole)
        return whole

    def _store(self, skeleton: bytes, whole: bytes) -> None:
        if _size(skeleton, whole) > self._max_bytes:
            return
        self._cache[skeleton] = whole
        self._bytes += _size(skeleton, whole)
        while self._bytes > self._max_bytes:
            self._bytes -= _size(*self._cache.popitem(last=False))


def _skeleton_of(body: Any) -> bytes:
    """Return an answer as JSON, with the names of parts in place of their values."""
    return orjson.dumps(body, default=_part_name)


def _long_parts(body: Any) -> list[Callable[[], Iterator[None]]]:
    """Return the `slices` of the parts that take long to make."""
    parts = list[Part]()
    orjson.dumps(body, default=parts.append)
    return [part.slices for part in parts if part.slices is not None]


def _part_name(part: Part) -> orjson.Fragment:
    return orjson.Fragment(b"%b%b%b" % (_MARK, part.name, _MARK))


def _part_value(part: Part) -> Any:
    return part.make()


def _size(skeleton: bytes, whole: bytes) -> int:
    return _OVERHEAD + len(skeleton) + len(whole)
