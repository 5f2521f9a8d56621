"""Selectors of a client's thread, which wait in virtual time: those of event loops, and those of small servers."""

from __future__ import annotations

import selectors
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..clock import SECOND
from .participant import Participant
from .presence import here
from .sites import spared

_NAMES = ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector")


def select(real: Any, selector: Any, timeout: float | None = None) -> Any:
    """BaseSelector.select: nothing that is ready, and the wait for it, are looked at in turn."""
    me = here()
    if me is None or spared(2) or (timeout is not None and timeout <= 0):
        return real(selector, timeout)
    events = real(selector, 0)
    if not events:
        with _descriptor(selector) as descriptor:
            wait(me, descriptor, timeout)
        events = real(selector, 0)
    return events


def wait(me: Participant, descriptor: int, timeout: float | None) -> bool:
    """Wait until a selector's descriptor has something; False once so many seconds of `monotonic` have passed."""
    world = me.world
    due = None if timeout is None else world.reading(round((world.monotonic() / SECOND + timeout) * SECOND))
    return world.wait(me, due=due, descriptors=(descriptor,))


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


METHODS = tuple((getattr(selectors, name), "select", select) for name in _NAMES if hasattr(selectors, name))
