"""What a client meets of a `Reply`: pure, and the same for every library, in a thread and in an event loop.

First comes the opening: either the answer's head, or an exception in its place. Then the body comes in pieces, which
may be held too, and may end in an exception.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import NamedTuple

from ..clock import Clock
from ..errors import NeverAnswered
from ..models import Drip, Reply


class Failure(NamedTuple):
    """An exception of the client's library: its class's name and its words; a `mute` one has none in an event loop."""

    kind: str
    words: str
    mute: bool = False


class Opening(NamedTuple):
    """The reading at which a client gets the head, 0 for at once; or, with a `failure`, that instead."""

    until: int
    failure: Failure | None = None


_RESET = Failure("ReadError", f"[Errno {errno.ECONNRESET}] {os.strerror(errno.ECONNRESET)}", mute=True)
_GARBAGE = bytearray(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is no HTTP ")
_SHORT = "peer closed connection without sending complete message body (received {received} bytes, expected {expected})"

TIMED_OUT = Failure("ReadTimeout", "timed out", mute=True)
INSTEAD_OF_HEAD = {
    "before_response": Failure("RemoteProtocolError", "Server disconnected without sending a response."),
    "reset": _RESET,
    "garbage": Failure("RemoteProtocolError", f"illegal status line: {_GARBAGE!r}"),
}
AFTER_HALF = {
    "mid_body": _RESET,
    "short_body": Failure("RemoteProtocolError", _SHORT),
}


def opening(reply: Reply, now: int, patience: int | None) -> Opening:
    """Return how the answer begins for a client that waits so many nanoseconds, None for ever. Raises NeverAnswered."""
    fault = reply.fault
    if patience is not None and (reply.due - now > patience or (fault and fault.hang)):
        return Opening(now + patience, TIMED_OUT)
    if fault is None:
        return Opening(reply.due)
    if fault.hang:
        raise NeverAnswered("The client has no read timeout, and this answer never comes (`hang`): give it a timeout.")
    return Opening(reply.due, INSTEAD_OF_HEAD.get(_break(reply)))


def pieces(reply: Reply, clock: Clock, patience: int | None) -> Iterator[int | bytes | Failure]:
    """Yield the body's pieces, before a held one the reading it's held until, and at last how it breaks, if it does."""
    body, fault = reply.body, reply.fault
    broken = AFTER_HALF.get(_break(reply))
    if fault and fault.drip:
        yield from _dripped(body, fault.drip, clock, patience)
    elif broken and body:
        half = body[: len(body) // 2]
        yield half
        yield broken._replace(words=broken.words.format(received=len(half), expected=len(body)))
    else:
        yield body


def _break(reply: Reply) -> str:
    """Return the name of what breaks the answer, or nothing."""
    return (reply.fault and (reply.fault.disconnect or reply.fault.corrupt)) or ""


def _dripped(body: bytes, drip: Drip, clock: Clock, patience: int | None) -> Iterator[int | bytes | Failure]:
    """Yield piece after piece, each `every` after the one before it, until the client waits too long for one."""
    due = clock.now()
    yield body[: drip.size]
    for start in range(drip.size, len(body), drip.size):
        due, now = due + drip.every, clock.now()
        if patience is not None and due - now > patience:
            yield now + patience
            yield TIMED_OUT
            return
        yield due
        yield body[start : start + drip.size]
