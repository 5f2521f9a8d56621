"""Brings this process into the virtual time of `jobmock run`, from start-up to exit. `sitecustomize` begins it.

Until its first connection to the mock, the process has a clock of its own, and its waits take real time. A forked child
is a process of its own.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import ExitStack, suppress
from typing import Any, NoReturn

from ..clock import SECOND, TIME
from ..errors import StartError, UsageError
from ..virtual import end_virtual_time
from ..virtual.child_processes import note_inherited
from ..virtual.current import calling_thread, in_real_time
from ..virtual.install import replaced
from ..virtual.interrupt import interruptible
from ..virtual.participant import add_participant
from ..virtual.watchdog import watch
from .control_client import ControlClient
from .process_clock import NOW, START, LocalClock, ProcessClock
from .process_scheduler import ProcessScheduler
from .time_machine_import import import_time_machine

_CLOCK_CALLS = "/__jobmock/clock"
_FAILED = 3
_PACKAGES_OF_PLUGINS = "jobmock", "time_machine"
"""What is imported here and comes with a plugin for pytest."""
_NO_REWRITING = "PYTEST_DONT_REWRITE"


class PythonProcess:
    """The part that this process takes in virtual time."""

    def __init__(self, url: str, key: str, ports: set[int]) -> None:
        self._url, self._key, self._ports = url.removesuffix(_CLOCK_CALLS), key, ports
        self._stack = ExitStack()
        self._client: ControlClient | None = None

    def begin(self) -> None:
        """Put the calling thread, and those that it starts, into virtual time until the end of the process.

        Raises VirtualTimeError if this Python can't have virtual time.
        """
        import_time_machine()
        self._stack.enter_context(replaced())
        self._schedule(LocalClock(*_start_and_reading()))
        self._stack.enter_context(interruptible(self._scheduler))
        self._stack.callback(self._end_scheduler)
        note_inherited(range(3))
        _exclude_from_rewriting()
        threading._threading_atexits.insert(0, self._join_threads)  # type: ignore[attr-defined]
        atexit.register(self.end)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_in_child)

    def end(self) -> None:
        """Leave virtual time at exit. What waits then goes on in real time."""
        self._scheduler.failure = None  # it has been raised where it belongs
        calling_thread.participant = None
        self._stack.close()
        if self._client is not None:
            self._client.close()

    def _end_scheduler(self) -> None:
        end_virtual_time(self._scheduler)

    def _schedule(self, clock: LocalClock) -> None:
        self._scheduler = ProcessScheduler(clock, self._ports, self._make_clock, say)
        participant = add_participant(self._scheduler, threading.current_thread().name)
        participant.bind_to_thread()
        calling_thread.participant = participant

    def _make_clock(self, scheduler: ProcessScheduler) -> ProcessClock:
        """Take part in the shared time, with a watchdog from now on: it is a thread, which warnings at forks count."""
        self._client = _Client(self._url, self._key, source="JOBMOCK_TIME_URL")
        clock = ProcessClock(self._client, scheduler.external.servers.in_flight, now=scheduler.local.elapsed)
        watch(scheduler)
        return clock

    def _join_threads(self) -> None:
        """Wait for threads in virtual time at exit, as the interpreter itself would wait in real time."""
        while threads := [thread for thread in threading.enumerate() if _is_awaited(thread)]:
            for thread in threads:
                thread.join()

    def _begin_in_child(self) -> None:
        """Begin a forked process, which goes on from its parent's time."""
        before, shared = self._scheduler, self._scheduler.shared
        if not before.active:
            return
        clock = before.local if shared is None else shared
        if shared is not None:
            shared.close()  # this process's copy of the connection: it takes part by itself
        self._client = None
        self._schedule(LocalClock(clock.started, clock.elapsed))
        self._scheduler.monotonic.follow(self._scheduler.local, before.monotonic.now())


class _Client(ControlClient):
    """A client that ends the process in words if no call is possible: without the clock, nothing goes on."""

    def refuse(self, method: str, name: str, content: Any) -> NoReturn:
        try:
            super().refuse(method, name, content)
        except UsageError as error:
            _fail(str(error))

    def failed(self, error: BaseException) -> None:
        try:
            super().failed(error)
        except StartError as failure:
            _fail(str(failure))


def begin() -> None:
    """Bring this process into virtual time, as its environment says. Raises VirtualTimeError."""
    ports = {int(port) for port in os.environ.get("JOBMOCK_TIME_PORTS", "").split(",") if port}
    PythonProcess(os.environ["JOBMOCK_TIME_URL"], os.environ.get("JOBMOCK_TIME_KEY", ""), ports).begin()


def _exclude_from_rewriting() -> None:
    """Keep pytest from warnings that it can't rewrite these modules, as they are imported already."""
    for name in _PACKAGES_OF_PLUGINS:
        module = sys.modules[name]
        module.__doc__ = f"{module.__doc__ or ''}\n{_NO_REWRITING}"


def say(message: str) -> None:
    """Print a sentence on stderr."""
    with in_real_time(), suppress(OSError):
        os.write(2, f"jobmock: {message}\n".encode())


def _fail(message: str) -> NoReturn:
    """End the process with a sentence."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    say(message)
    os._exit(_FAILED)


def _start_and_reading() -> tuple[int, int]:
    """Return start and reading of the clock when this process was started, by default the real date."""
    start = os.environ.get(START) or str(TIME.time_ns() // SECOND * SECOND)
    return int(start), int(os.environ.get(NOW) or 0)


def _is_awaited(thread: threading.Thread) -> bool:
    """Return whether the interpreter waits for a thread at exit."""
    return thread is not threading.current_thread() and thread.is_alive() and not thread.daemon
