"""Waits for descriptors: select, poll and epoll of a participant's thread, and the selectors built on them."""

from __future__ import annotations

import io
import os
import select
import selectors
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..clock import SECOND
from .builtin_functions import with_originals
from .child_processes import children_at, has_children
from .exceptions import VirtualTimeEnded
from .external_threads import recorded_wait
from .participant import Participant, current_participant
from .waiter import WaitKind

_KINDS = ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector")


def selector_select(real: Any, selector: Any, timeout: float | None = None) -> Any:
    """BaseSelector.select: check what is ready, and wait if nothing is."""
    if timeout is not None and timeout <= 0:
        return real(selector, timeout)
    me = current_participant()
    if me is None:
        with recorded_wait():
            return real(selector, timeout)
    events = real(selector, 0)
    if not events:
        try:
            with _selector_descriptor(selector) as descriptor:
                wait_for_selector(me, descriptor, timeout, children=children_at(*selector.get_map()))
        except VirtualTimeEnded as end:
            return real(selector, end.seconds)
        events = real(selector, 0)
    return events


def select_select(real: Any, reads: Any, writes: Any, excepts: Any, timeout: float | None = None, /) -> Any:
    """select.select: do the same for lists of files."""
    me = current_participant()
    if me is None or (timeout is not None and not timeout > 0):
        return real(reads, writes, excepts, timeout)
    found = real(reads, writes, excepts, 0)
    if any(found):
        return found
    try:
        numbers = [one if isinstance(one, int) else one.fileno() for one in (*reads, *writes)]
        with combined_descriptor(reads, writes) as descriptor:
            wait_for_selector(me, descriptor, timeout, children=children_at(*numbers))
    except VirtualTimeEnded as end:
        return real(reads, writes, excepts, end.seconds)
    return real(reads, writes, excepts, 0)


def epoll_poll(real: Any, epoll: Any, timeout: float | None = None, maxevents: int = -1) -> Any:
    """epoll.poll: do the same for an object with a descriptor of its own; the timeout is in seconds."""
    waits = timeout is None or timeout > 0 or timeout == -1
    me = current_participant() if waits else None
    if me is None:
        return real(epoll, timeout, maxevents)
    if found := real(epoll, 0, maxevents):
        return found
    endless = timeout is None or timeout < 0
    try:
        children = children_at(*_registered(epoll)) if has_children() else ()
        wait_for_selector(me, epoll.fileno(), None if endless else timeout, children=children)
    except VirtualTimeEnded as end:
        return real(epoll, end.seconds, maxevents)
    return real(epoll, 0, maxevents)


def read(real: Any, descriptor: int, length: int, /) -> Any:
    """os.read: wait for a pipe in virtual time, unless a child may hold its other end."""
    _wait_for_pipe(descriptor)
    return real(descriptor, length)


def file_read(real: Any, file: Any, *args: Any) -> Any:
    """FileIO's reads: do the same for a pipe that was opened as a file."""
    if current_participant() is not None and not file.closed:
        _wait_for_pipe(file.fileno())
    return real(file, *args)


def wait_for_selector(me: Participant, descriptor: int, timeout: float | None, *, children: Iterable[int] = ()) -> bool:
    """Wait for a selector's descriptor; return False after so many seconds of `time.monotonic`."""
    scheduler = me.scheduler
    deadline, monotonic = None, scheduler.monotonic
    if timeout is not None:
        deadline = monotonic.to_clock(round((monotonic.now() / SECOND + timeout) * SECOND))
    return scheduler.wait(me, deadline=deadline, descriptors=(descriptor,), kind=WaitKind.EVENT_LOOP, children=children)


@contextmanager
def _selector_descriptor(selector: Any) -> Iterator[int]:
    """Yield a descriptor that is ready whenever the selector is, as not each kind has one of its own."""
    if hasattr(selector, "fileno"):
        yield selector.fileno()
        return
    with selectors.DefaultSelector() as same:
        for key in selector.get_map().values():
            same.register(key.fileobj, key.events)
        yield same.fileno()


def _registered(epoll: select.epoll) -> list[int]:
    """Return the descriptors registered in an epoll object, as the system lists them."""
    try:
        with open(f"/proc/self/fdinfo/{epoll.fileno()}", "rb") as lines:
            return [int(line.split()[1]) for line in lines if line.startswith(b"tfd:")]
    except (OSError, ValueError, IndexError):
        return []


@contextmanager
def combined_descriptor(reads: Sequence[Any], writes: Sequence[Any] = ()) -> Iterator[int]:
    """Yield a descriptor that is ready whenever one of the files is."""
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
    me = current_participant()
    if me is not None and _is_blocking(descriptor):
        with suppress(VirtualTimeEnded):
            me.scheduler.wait(me, descriptors=(descriptor,), children=children_at(descriptor))


def _is_blocking(descriptor: int) -> bool:
    """Return whether a read of a descriptor may block: it is a blocking pipe or socket."""
    try:
        mode = os.fstat(descriptor).st_mode
        return (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) and os.get_blocking(descriptor)
    except OSError:
        return False


FUNCTIONS = with_originals(((select.select, select_select), (os.read, read)))
METHODS = (
    *((getattr(selectors, kind), "select", selector_select) for kind in _KINDS if hasattr(selectors, kind)),
    *((io.FileIO, name, file_read) for name in ("read", "readinto", "readall")),
    *(((select.epoll, "poll", epoll_poll),) if hasattr(select, "epoll") else ()),
)
