"""Trio in virtual time: the runs that a participant's thread starts get a clock that waits on the scheduler."""

from __future__ import annotations

import math
import socket
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from ..clock import SECOND
from ..errors import VirtualTimeError
from .child_processes import children_at
from .current import in_real_time
from .exceptions import VirtualTimeEnded
from .participant import Participant, add_participant, current_participant, participating_as
from .patching import Patches
from .waiter import OTHER_WORK, WaitKind


def patch_trio(module: ModuleType, patches: Patches) -> None:
    """Replace functions and methods of Trio."""
    from trio._core import _run

    subprocess: Any = import_module("trio._subprocess")
    from trio._core._thread_cache import ThreadCache

    patches.python_function(_run.setup_runner, setup_runner)
    patches.python_function(subprocess.wait_child_exiting, wait_in_real_time)
    patches.method(subprocess.Process, "wait", wait_in_real_time)
    patches.method(ThreadCache, "start_thread_soon", start_thread_soon)
    patches.method(module.lowlevel.FdStream, "receive_some", wait_in_real_time)
    patches.method(import_module("trio._socket")._SocketType, "_nonblocking_helper", call_current_method)


def call_current_method(real: Any, trio_socket: Any, wait: Any, method: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the socket's current method: Trio took the built-in one when it was imported."""
    return real(trio_socket, wait, getattr(socket.socket, method.__name__, method), *args, **kwargs)


def start_thread_soon(real: Any, cache: Any, work: Any, deliver: Any, *name: Any) -> None:
    """ThreadCache.start_thread_soon: a worker of Trio's takes part until the result of its job is delivered."""
    me = current_participant()
    if me is None:
        real(cache, work, deliver, *name)
        return
    participant = add_participant(me.scheduler, "a worker of Trio's")

    def run() -> Any:
        with participating_as(participant):
            return work()

    def deliver_and_leave(result: Any) -> None:
        try:
            deliver(result)
        finally:
            participant.scheduler.leave(participant)

    with in_real_time():
        real(cache, run, deliver_and_leave, *name)


def setup_runner(real: Any, clock: Any, *args: Any, **kwargs: Any) -> Any:
    """Set up a run with the test's clock, unless it has its own."""
    me = current_participant()
    chosen = _virtual_clock()(me) if me is not None and clock is None else clock
    return real(chosen, *args, **kwargs)


async def wait_in_real_time(real: Any, *args: Any, **kwargs: Any) -> Any:
    """Wait for a child process or its output, while the clock moves at the speed of real time."""
    me = current_participant()
    if me is None:
        return await real(*args, **kwargs)
    with me.scheduler.external.waiting(_awaited(*args)):
        return await real(*args, **kwargs)


def _awaited(owner: Any = None, *args: Any) -> int:
    """Return the number of the child that a method of a process or of its output waits for."""
    if isinstance(number := getattr(owner, "pid", None), int):
        return number
    pipe = getattr(owner, "_fd_holder", None)
    return min(children_at(pipe.fd), default=OTHER_WORK) if pipe is not None else OTHER_WORK


@cache
def _virtual_clock() -> Any:
    """Return the class of a run's clock, made once Trio is imported."""
    import trio

    class VirtualClock(trio.abc.Clock):
        """A run's clock. Trio asks it how long to sleep when no task can continue; then this clock waits itself.

        A deadline that was reached is past, even if its float is a little later than the nearest nanosecond.
        """

        def __init__(self, me: Participant) -> None:
            self._me, self._reached = me, 0.0

        def start_clock(self) -> None:
            """Do nothing: the test's clock has begun."""

        def current_time(self) -> float:
            return max(self._reached, self._me.scheduler.monotonic.now() / SECOND)

        def deadline_to_sleep_time(self, deadline: float) -> float:
            scheduler = self._me.scheduler
            if not scheduler.active:
                return deadline - self.current_time()
            due = None if math.isinf(deadline) else scheduler.monotonic.to_clock(round(deadline * SECOND))
            try:
                came = scheduler.wait(self._me, deadline=due, descriptors=(_descriptor(),), kind=WaitKind.EVENT_LOOP)
            except VirtualTimeEnded:
                return deadline - self.current_time()
            except BaseException as error:
                if not _raised_in_main_task(error):
                    raise
                return 0.0
            if not came and due is not None:
                self._reached = deadline
            return 0.0

    return VirtualClock


def _raised_in_main_task(error: BaseException) -> bool:
    """Raise an error in the run's main task where it waits; in the clock, it would look like Trio's own error."""
    from trio._core._run import GLOBAL_RUN_CONTEXT

    def raising() -> NoReturn:
        raise error

    main = GLOBAL_RUN_CONTEXT.runner.main_task
    if main is None or main._abort_func is None:
        return False
    main._attempt_abort(raising)
    return True


def _descriptor() -> int:
    """Return the descriptor that is ready whenever one of the run's sockets is."""
    from trio._core._run import GLOBAL_RUN_CONTEXT

    manager = GLOBAL_RUN_CONTEXT.runner.io_manager
    for name in ("_epoll", "_kqueue"):
        if hasattr(manager, name):
            return int(getattr(manager, name).fileno())
    raise VirtualTimeError(f"Virtual time can't reach this kind of Trio loop: {type(manager).__name__}.")
