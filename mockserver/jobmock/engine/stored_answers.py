"""The answers that namespaces store, to polls and for idempotency keys, and the room that all of them share."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Protocol

MAX_ALL_BYTES = 256 << 20
_MAX_REPLIES = 1_000
_OVERHEAD = 1_000


class Stored(Protocol):
    """What stores an answer: a job, or a reply that is kept for an idempotency key."""

    def drop_answer(self) -> None:
        """Store no answer any more."""


class AnswerRoom:
    """Bounds the stored answers of all namespaces together. Above `most` bytes those stored first go."""

    def __init__(self, most: int = MAX_ALL_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._sizes: OrderedDict[Stored, int] = OrderedDict()
        self.dropped = 0
        """How many answers went because all together took too much room."""

    def add(self, stored: Stored, size: int) -> None:
        """Count an answer of so many bytes, in place of an earlier one of the same job. It may go at once."""
        self.remove(stored)
        self._sizes[stored] = size + _OVERHEAD
        self._bytes += size + _OVERHEAD
        while self._bytes > self._most:
            oldest, freed = self._sizes.popitem(last=False)
            self._bytes -= freed
            self.dropped += 1
            oldest.drop_answer()

    def remove(self, stored: Stored) -> None:
        """Count an answer no longer."""
        self._bytes -= self._sizes.pop(stored, 0)


class _Reply:
    """A reply that is kept for an idempotency key."""

    def __init__(self, replies: KeptReplies, place: tuple[str, str], value: Any) -> None:
        self._replies, self._place, self.value = replies, place, value

    def drop_answer(self) -> None:
        self._replies.forget(self._place)


class KeptReplies:
    """What the API stored with the first answer to each idempotency key of a namespace: the newest 1,000."""

    def __init__(self, room: AnswerRoom, most: int = _MAX_REPLIES) -> None:
        self._room, self._most = room, most
        self._replies: dict[tuple[str, str], _Reply] = {}

    def __len__(self) -> int:
        return len(self._replies)

    def get(self, operation: str, key: str) -> Any:
        """Return what was stored for a key of an operation, or None."""
        reply = self._replies.get((operation, key))
        return None if reply is None else reply.value

    def add(self, operation: str, key: str, value: Any, size: int) -> None:
        """Store a value of so many bytes. If there are too many, the oldest one goes."""
        if len(self._replies) >= self._most:
            self.forget(next(iter(self._replies)))
        reply = self._replies[operation, key] = _Reply(self, (operation, key), value)
        self._room.add(reply, size + len(key))

    def forget(self, place: tuple[str, str]) -> None:
        """Remove what was stored for an operation and a key."""
        self._room.remove(self._replies.pop(place))

    def clear(self) -> None:
        """Remove everything."""
        for place in tuple(self._replies):
            self.forget(place)
