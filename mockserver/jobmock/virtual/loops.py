"""Event loops of a participant's thread: asyncio's own loops are changed while they run, others are refused.

The loop is changed and not its sleeps, so the sleeps, timeouts and cancel scopes of every library use one clock.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import SECOND
from . import real, selects
from .child_processes import children_at, has_children
from .exceptions import VirtualTimeEnded
from .participant import Participant, current_participant
from .patching import Patches
from .refusals import refuse
from .scheduler import Scheduler

_MARGIN = 1e-7
"""Seconds by which the loop's time is moved after, or before, the timers of the current moment."""
_MAX_TURNS = 1_000
_INSTEAD = "run the client on asyncio's own loop, or mark the test time='scaled' or time='real'."


class VirtualSelector:
    """The clock and selector of an asyncio loop while it runs in virtual time; the selector waits on the scheduler.

    At each moment, everything that can continue does so before a timer of that moment fires. So an answer that comes at
    the very end of a timeout is in time. The loop reads the time once after each wait, to find the timers that are due.
    """

    def __init__(self, loop: Any, me: Participant) -> None:
        self._loop, self._me, self._real = loop, me, loop._selector
        self._turns, self._margin = 0, 0.0
        self._now = me.scheduler.monotonic.now
        self._installed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def begin(self) -> None:
        """Give the loop this clock and selector."""
        self._installed = True
        self._loop._selector, self._loop.time = self, self.time

    def end(self) -> None:
        """Give the loop its own clock and selector back."""
        if self._installed:
            self._installed = False
            self._loop._selector = self._real
            del self._loop.time
        if not self._me.scheduler.active:
            _continue_in_real_time(self._loop)

    def time(self) -> float:
        """Return the loop's time in seconds."""
        margin, self._margin = self._margin, 0.0
        return self._now() / SECOND + margin

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready; if nothing is, wait for it or for the timeout."""
        events = self._real.select(0)
        self._turns += 1
        if not events and not self._loop._ready and not self._loop._stopping:
            try:
                children = self._read_children() if has_children() else ()
                selects.wait_for_selector(self._me, self._real.fileno(), timeout, children=children)
            except VirtualTimeEnded as end:
                self.end()
                return self._real.select(end.seconds)
            events = self._real.select(0)
            self._turns = 0
        early = events or self._loop._ready
        self._margin = -_MARGIN if early and self._turns < _MAX_TURNS else _MARGIN
        return events

    def _read_children(self) -> set[int]:
        """Return the child processes from which the loop may read, but not for asyncio's own subprocesses."""
        readers = ((key.fd, key.data[0]) for key in self._real.get_map().values() if isinstance(key.data, tuple))
        return children_at(
            *(number for number, reader in readers if reader is not None and _is_client_reader(reader))
        )


def _is_client_reader(reader: asyncio.Handle) -> bool:
    """Return whether a reader belongs neither to the loop nor to a child's pipe, for which waits are known."""
    owner = getattr(reader._callback, "__self__", None)  # type: ignore[attr-defined]
    pipe = isinstance(owner, asyncio.ReadTransport) and not isinstance(owner, asyncio.Transport)
    return not pipe and not isinstance(owner, asyncio.AbstractEventLoop)


_schedulers: WeakKeyDictionary[Any, Scheduler] = WeakKeyDictionary()
"""The scheduler of each loop whose timers are on a test's clock."""


def init(real: Any, loop: Any, *args: Any, **kwargs: Any) -> None:
    """BaseEventLoop.__init__: the timers of a loop that a participant makes use the test's clock."""
    real(loop, *args, **kwargs)
    if (me := current_participant()) is not None:
        _schedulers[loop] = me.scheduler


def release_loops(scheduler: Scheduler) -> None:
    """Let the timers of loops that don't run now continue in real time; running loops do this themselves."""
    for loop in [loop for loop, its in tuple(_schedulers.items()) if its is scheduler and not loop.is_running()]:
        _continue_in_real_time(loop)


def _adopt(loop: Any, scheduler: Scheduler) -> None:
    """Let the timers of a loop that is older than the test continue on the test's clock."""
    if _schedulers.get(loop) is not scheduler:
        _schedulers[loop] = scheduler
        _shift(loop, scheduler.monotonic.initial_lead)


def _continue_in_real_time(loop: Any) -> None:
    if scheduler := _schedulers.pop(loop, None):
        _shift(loop, real.monotonic_ns() - scheduler.monotonic.now())


def _shift(loop: Any, nanoseconds: int) -> None:
    """Move all timers by so many nanoseconds."""
    for handle in getattr(loop, "_scheduled", ()):
        handle._when += nanoseconds / SECOND


def run_forever(real: Any, loop: Any) -> None:
    """BaseEventLoop.run_forever: run the loop on the test's clock until it stops or virtual time ends."""
    me = current_participant()
    if me is None:
        real(loop)
        return
    selector = getattr(loop, "_selector", None)
    if selector is None or not hasattr(selector, "fileno"):
        if not me.scheduler.takes_no_real_time:
            real(loop)
            return
        refuse_loop(loop, f"Virtual time can't reach the event loop {type(loop).__name__}: {_INSTEAD}")
    _adopt(loop, me.scheduler)
    virtual = VirtualSelector(loop, me)
    virtual.begin()
    try:
        real(loop)
    finally:
        virtual.end()


def call_soon_threadsafe(real: Any, loop: Any, callback: Any, *args: Any, **kwargs: Any) -> Any:
    """BaseEventLoop.call_soon_threadsafe: a job that a test gives to an external loop is external work."""
    me = current_participant()
    if me is not None and loop.is_running() and loop._thread_id not in {one.ident for one in me.scheduler.participants}:
        for cell in getattr(callback, "__closure__", None) or ():
            if isinstance(cell.cell_contents, concurrent.futures.Future):
                me.scheduler.external.begin(cell.cell_contents)
                cell.cell_contents.add_done_callback(me.scheduler.external.end)
    return real(loop, callback, *args, **kwargs)


def run_uvloop(real: Any, loop: Any) -> None:
    """uvloop.Loop.run_forever: refuse it, as its own clock can't be replaced."""
    me = current_participant()
    if me is not None and me.scheduler.takes_no_real_time:
        refuse_loop(loop, f"uvloop keeps its own time, which virtual time can't reach: {_INSTEAD}")
    real(loop)


def refuse_loop(loop: Any, message: str) -> None:
    """Raise VirtualTimeError; first close the loop's coroutines, so that no warning hides the error."""
    for task in asyncio.all_tasks(loop):
        coroutine: Any = task.get_coro()
        held = coroutine.cr_frame.f_locals.values() if coroutine.cr_frame else ()
        for inner in (*held, coroutine):
            if asyncio.iscoroutine(inner):
                inner.close()
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    refuse(message)


def run_hub(real: Any, hub: Any) -> None:
    """gevent's Hub.run: refuse it, as gevent keeps its own time."""
    refuse(f"gevent keeps its own time, which virtual time can't reach: {_INSTEAD}")
    real(hub)


def patch_uvloop(module: ModuleType, patches: Patches) -> None:
    """Replace the method that runs uvloop's loops."""
    patches.method(module.Loop, "run_forever", run_uvloop)


def init_channel(real: Any, channel: Any, *args: Any, **kwargs: Any) -> None:
    """grpc.Channel.__init__: refuse it, as gRPC's core keeps its own time."""
    refuse(f"gRPC keeps its own time, which virtual time can't reach: {_INSTEAD}")
    real(channel, *args, **kwargs)


def patch_grpc(module: ModuleType, patches: Patches) -> None:
    """Replace the method that makes gRPC's channels."""
    patches.method(module.Channel, "__init__", init_channel)


def patch_gevent(module: ModuleType, patches: Patches) -> None:
    """Replace the method that runs gevent's hub."""
    patches.method(module.Hub, "run", run_hub)


METHODS = (
    (asyncio.base_events.BaseEventLoop, "__init__", init),
    (asyncio.base_events.BaseEventLoop, "run_forever", run_forever),
    (asyncio.base_events.BaseEventLoop, "call_soon_threadsafe", call_soon_threadsafe),
)
