"""A body that comes in pieces, is held on its way or breaks: read in a thread or in an event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from ..models import Reply
from .plan import TIMED_OUT, Failure
from .waits import Waits

Pieces = Iterator[int | bytes | Failure]


class Body:
    """The stream of one answer; each library's own stream classes are added as bases."""

    def __init__(
        self, reply: Reply, pieces: Pieces, waits: Waits, error: Callable[[Failure], Exception]
    ) -> None:  # fmt: skip
        self._reply, self._pieces, self._waits, self._error = reply, pieces, waits, error
        self._left = len(reply.body)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, int):
                self._waits.until(self._reply.clock, piece)
            else:
                yield self._received(piece)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, int):
                await self._waits.auntil(self._reply.clock, piece)
            else:
                yield self._received(piece)

    def close(self) -> None:
        """Note that a client which leaves before the end of a slow body hasn't read it."""
        if self._left and self._reply.fault and self._reply.fault.drip:
            self._reply.lost()

    async def aclose(self) -> None:
        """Do what `close` does."""
        self.close()

    def _received(self, piece: bytes | Failure) -> bytes:
        """Return a piece that a client receives, or raise what it sees instead."""
        if isinstance(piece, bytes):
            self._left -= len(piece)
            return piece
        if piece is TIMED_OUT:
            self._reply.lost()
        raise self._error(piece)
