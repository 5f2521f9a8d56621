"""A response body that comes in pieces, late, or not to its end. It is read in a thread or in an event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from ..models import Reply
from .plan import TIMED_OUT, Failure
from .waits import Waits, checkpoint

Pieces = Iterator[int | bytes | Failure]


class Body:
    """The stream of one response. `Library` adds the stream classes of its library as bases."""

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
                await checkpoint()  # a clock that stands still is advanced without a wait
            else:
                yield self._received(piece)

    def close(self) -> None:
        """Report the answer as lost if the client leaves before the end of a slow body."""
        if self._left and self._reply.fault and self._reply.fault.drip:
            self._reply.lost()

    async def aclose(self) -> None:
        """Do what `close` does."""
        self.close()

    def _received(self, piece: bytes | Failure) -> bytes:
        """Return a piece that the client receives, or raise the exception that it sees instead."""
        if isinstance(piece, bytes):
            self._left -= len(piece)
            return piece
        if piece is TIMED_OUT:
            self._reply.lost()
        raise self._error(piece)
