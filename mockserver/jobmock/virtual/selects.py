"""Waits for file descriptors: select, poll and epoll of a participant's thread, and the selectors built on them."""

from __future__ import annotations

import io
import os
import select
import selectors
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..clock import SECOND
from .c_functions import with_copies
from .children import has_children, may_be_at
from .current import here
from .endings import WorldEnded
from .older_threads import at_rest
from .participant import Participant, Rank

_KINDS = ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector")


def of_selector(real: Any, selector: Any, timeout: float | None = None) -> Any:
    """BaseSelector.select: look at what is ready, and wait, in turn."""
    if timeout is not None and timeout <= 0:
        return real(selector, timeout)
    me = here()
    if me is None:
        with at_rest():
            return real(selector, timeout)
    events = real(selector, 0)
    if not events:
        try:
            with _descriptor(selector) as descriptor:
                wait(me, descriptor, timeout, outside=any(map(may_be_at, selector.get_map())))
        except WorldEnded as end:
            return real(selector, end.seconds)
        events = real(selector, 0)
    return events


def of_select(real: Any, reads: Any, writes: Any, excepts: Any, timeout: float | None = None, /) -> Any:
    """select.select: the same for lists of files."""
    me = here()
    if me is None or (timeout is not None and not timeout > 0):
        return real(reads, writes, excepts, timeout)
    found = real(reads, writes, excepts, 0)
    if any(found):
        return found
    try:
        numbers = [one if isinstance(one, int) else one.fileno() for one in (*reads, *writes)]
        with mirrored(reads, writes) as descriptor:
            wait(me, descriptor, timeout, outside=any(map(may_be_at, numbers)))
    except WorldEnded as end:
        return real(reads, writes, excepts, end.seconds)
    return real(reads, writes, excepts, 0)


def of_epoll(real: Any, epoll: Any, timeout: float | None = None, maxevents: int = -1) -> Any:
    """epoll.poll: the same for an object that has a descriptor of its own; seconds."""
    waits = timeout is None or timeout > 0 or timeout == -1
    me = here() if waits else None
    if me is None:
        return real(epoll, timeout, maxevents)
    if found := real(epoll, 0, maxevents):
        return found
    endless = timeout is None or timeout < 0
    try:
        outside = has_children() and any(map(may_be_at, _registered(epoll)))
        wait(me, epoll.fileno(), None if endless else timeout, outside=outside)
    except WorldEnded as end:
        return real(epoll, end.seconds, maxevents)
    return real(epoll, 0, maxevents)


def read(real: Any, descriptor: int, length: int, /) -> Any:
    """os.read: from a pipe, whoever waits for the other end waits in virtual time, unless a child may be there."""
    _wait_for_pipe(descriptor)
    return real(descriptor, length)


def of_file(real: Any, file: Any, *args: Any) -> Any:
    """FileIO's reads: the same for a pipe that was opened as a file."""
    if here() is not None and not file.closed:
        _wait_for_pipe(file.fileno())
    return real(file, *args)


def wait(me: Participant, descriptor: int, timeout: float | None, *, outside: bool = False) -> bool:
    """Wait until a selector's descriptor has something; False once so many seconds of `monotonic` have passed."""
    world = me.world
    due = None if timeout is None else world.steady.of_clock(round((world.steady.now() / SECOND + timeout) * SECOND))
    return world.wait(me, due=due, descriptors=(descriptor,), rank=Rank.TIMERS, outside=outside)


@contextmanager
def _descriptor(selector: Any) -> Iterator[int]:
    """Yield a descriptor that has something whenever the selector has; not each kind has one of its own."""
    if hasattr(selector, "fileno"):
        yield selector.fileno()
        return
    with selectors.DefaultSelector() as same:
        for key in selector.get_map().values():
            same.register(key.fileobj, key.events)
        yield same.fileno()


def _registered(epoll: select.epoll) -> list[int]:
    """Return the descriptors that an epoll object waits for, as the system tells."""
    try:
        with open(f"/proc/self/fdinfo/{epoll.fileno()}", "rb") as lines:
            return [int(line.split()[1]) for line in lines if line.startswith(b"tfd:")]
    except (OSError, ValueError, IndexError):
        return []


@contextmanager
def mirrored(reads: Sequence[Any], writes: Sequence[Any] = ()) -> Iterator[int]:
    """Yield a descriptor that has something whenever one of the files has."""
    with selectors.DefaultSelector() as same:
        events: dict[int, int] = {}
        for files, event in ((reads, selectors.EVENT_READ), (writes, selectors.EVENT_WRITE)):
            for file in files:
                number = file if isinstance(file, int) else file.fileno()
                events[number] = events.get(number, 0) | event
        for number, event in events.items():
            same.register(number, event)
        yield same.fileno()


def _wait_for_pipe(descriptor: int) -> None:
    me = here()
    if me is not None and _is_waited_for(descriptor):
        with suppress(WorldEnded):
            me.world.wait(me, descriptors=(descriptor,), outside=may_be_at(descriptor))


def _is_waited_for(descriptor: int) -> bool:
    """Say whether a read of it waits for somebody: it is a pipe or a socket, and blocks."""
    try:
        mode = os.fstat(descriptor).st_mode
        return (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) and os.get_blocking(descriptor)
    except OSError:
        return False


FUNCTIONS = with_copies(((select.select, of_select), (os.read, read)))
METHODS = (
    *((getattr(selectors, kind), "select", of_selector) for kind in _KINDS if hasattr(selectors, kind)),
    *((io.FileIO, name, of_file) for name in ("read", "readinto", "readall")),
    *(((select.epoll, "poll", of_epoll),) if hasattr(select, "epoll") else ()),
)
