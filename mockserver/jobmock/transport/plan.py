"""How a `Reply` reaches a client. Pure, and the same for every library, in a thread and in an event loop.

First comes the opening: the head of the answer, or an exception instead. Then the body comes in pieces. They may be
delayed too, and may end in an exception.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import NamedTuple

from ..clock_protocol import ClockLike
from ..errors import NeverAnswered
from ..models import Drip, Reply


class Failure(NamedTuple):
    """An exception of the client's library: the name of its class, and its message.

    With `silent_in_loop` it has no message in an event loop.
    """

    kind: str
    message: str
    silent_in_loop: bool = False


class Opening(NamedTuple):
    """The clock's reading at which a client gets the head, or the `failure` instead. 0 means at once."""

    until: int
    failure: Failure | None = None


_RESET = Failure("ReadError", f"[Errno {errno.ECONNRESET}] {os.strerror(errno.ECONNRESET)}", silent_in_loop=True)
_GARBAGE = bytearray(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is no HTTP ")
_SHORT = "peer closed connection without sending complete message body (received {received} bytes, expected {expected})"

TIMED_OUT = Failure("ReadTimeout", "timed out", silent_in_loop=True)
FAILURE_BEFORE_HEAD = {
    "before_response": Failure("RemoteProtocolError", "Server disconnected without sending a response."),
    "reset": _RESET,
    "garbage": Failure("RemoteProtocolError", f"illegal status line: {_GARBAGE!r}"),
}
FAILURE_AFTER_HALF = {
    "mid_body": _RESET,
    "short_body": Failure("RemoteProtocolError", _SHORT),
}


def opening(reply: Reply, now: int, timeout: int | None) -> Opening:
    """Return how the answer begins. `timeout` is the client's, in nanoseconds, or None. Raises NeverAnswered."""
    fault = reply.fault
    if timeout is not None and (_is_late(reply.clock, reply.due, now, timeout) or (fault and fault.hang)):
        return Opening(now + timeout, TIMED_OUT)
    if fault is None:
        return Opening(reply.due)
    if fault.hang:
        raise NeverAnswered("The client has no read timeout, and this answer never comes (`hang`): give it a timeout.")
    return Opening(reply.due, FAILURE_BEFORE_HEAD.get(_breaking_fault(reply)))


def pieces(reply: Reply, clock: ClockLike, timeout: int | None) -> Iterator[int | bytes | Failure]:
    """Yield the pieces of the body, before a delayed one the reading to wait for, and at the end a failure, if any."""
    body, fault = reply.body, reply.fault
    broken = FAILURE_AFTER_HALF.get(_breaking_fault(reply))
    if fault and fault.drip:
        yield from _drip_pieces(body, fault.drip, clock, timeout)
    elif broken and body:
        half = body[: len(body) // 2]
        yield half
        yield broken._replace(message=broken.message.format(received=len(half), expected=len(body)))
    else:
        yield body


def _is_late(clock: ClockLike, due: int, now: int, timeout: int) -> bool:
    """Whether the client's timeout ends before the clock reads `due`. A clock that skips delays is there at once."""
    return due - now > timeout and not clock.skips_delays


def _breaking_fault(reply: Reply) -> str:
    """Return the name of the fault that breaks the answer, or an empty text."""
    return (reply.fault and (reply.fault.disconnect or reply.fault.corrupt)) or ""


def _drip_pieces(body: bytes, drip: Drip, clock: ClockLike, timeout: int | None) -> Iterator[int | bytes | Failure]:
    """Yield the pieces, one every `drip.every`, until one comes later than the client's timeout."""
    due = clock.now()
    yield body[: drip.size]
    for start in range(drip.size, len(body), drip.size):
        due, now = due + drip.every, clock.now()
        if timeout is not None and _is_late(clock, due, now, timeout):
            yield now + timeout
            yield TIMED_OUT
            return
        yield due
        yield body[start : start + drip.size]
