"""Raises an error in the test's thread from outside, again and again, until the test's own code has ended."""

from __future__ import annotations

import asyncio
import ctypes
import sys
import threading
from contextlib import suppress
from functools import partial
from sysconfig import get_path
from time import monotonic
from types import FrameType

from jobmock.virtual import in_real_time
from jobmock.virtual.frames import current_frames

from .errors import DeadlineExceeded

_PAUSE_SECONDS, _CAREFUL_SECONDS, _CLEANUP_SECONDS = 0.001, 5.0, 0.01
_MOST_CAUGHT = 20
_LIBRARIES = (
    "<", *(get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    *(folder for package in ("jobmock", "pytest_jobmock") for folder in sys.modules[package].__path__),
)  # fmt: skip
"""The beginnings of the file names whose lines are not the user's own."""


class Interrupter:
    """Raises an error in a test's thread, wherever that is, again and again while the test is in its `with` block.

    A client may catch everything in a loop. It gets the error again when it releases the one that it has caught: that
    is at the end of its handler, so the same handler can't catch it. Where that isn't enough, it gets the error at any
    time, in the end between two rounds. For some seconds the error is raised only while a line of the user's own code
    runs, so that no library is left in an inconsistent state. After that it is raised anywhere, with pauses in which
    the client can close what it has opened.
    """

    def __init__(self) -> None:
        self._ident, self._lock = threading.get_ident(), threading.Lock()
        self._started: threading.Event | None = None
        """Stops the thread that raises, if one was started."""
        self._open, self._caught = False, 0
        self._has_traced, self._trace_before = False, sys.gettrace()

    def __enter__(self) -> None:
        self._open, self._caught = True, 0
        self._trace_before = sys.gettrace()

    def __exit__(self, *error: object) -> None:
        while self._open:
            with suppress(DeadlineExceeded):
                self.stop()

    def stop(self) -> None:
        """Raise nothing more in the test's thread, not even an error that is pending. Called by that thread.

        An error that was pending before may be raised in here. Then call it again.
        """
        with self._lock:
            if self._started is not None:
                self._started.set()
                _withdraw()
                self._started = None
            if self._has_traced:
                sys.settrace(self._trace_before)
            self._open = self._has_traced = False

    def count(self, error: type[DeadlineExceeded]) -> None:
        """Count an error that the test's thread, which calls this, is about to raise; start after too many of them."""
        self._caught += 1
        if self._caught > _MOST_CAUGHT:
            _raise_in_loop(error)
            self.start(error, at_once=False)

    def start(self, error: type[DeadlineExceeded], *, at_once: bool = True) -> None:
        """Start to raise errors of a class, unless that has started. `at_once` raises the first one anywhere.

        Any thread may call this.
        """
        with self._lock, in_real_time():
            if self._open and self._started is None:
                self._started = threading.Event()
                error.on_release = partial(self._raise_after_handler, error)
                arguments = (self._started, error, at_once)
                thread = threading.Thread(target=self._run, args=arguments, name="jobmock-end", daemon=True)
                thread.outside_virtual_time = True  # type: ignore[attr-defined]
                thread.start()

    def _raise_after_handler(self, error: type[DeadlineExceeded]) -> None:
        """Raise the error at the next line if a line of the user's own, in the test's thread, has just released one."""
        if self._open and threading.get_ident() == self._ident and _is_own(frame := sys._getframe(2)):
            self._has_traced = True
            _raise_at_next_line(frame, error)

    def _run(self, stopped: threading.Event, error: type[DeadlineExceeded], at_once: bool) -> None:
        anywhere_at = monotonic() + (0.0 if at_once else _CAREFUL_SECONDS)
        while not stopped.wait(_PAUSE_SECONDS):
            anywhere = monotonic() >= anywhere_at
            with self._lock:
                if not stopped.is_set() and (anywhere or _in_own_line(self._ident)):
                    _raise_in(self._ident, error)
            if anywhere:
                anywhere_at = monotonic() + _CLEANUP_SECONDS


def _raise_in_loop(error: type[DeadlineExceeded]) -> None:
    """Let the asyncio loop that runs in this thread raise an error itself, where its tasks can't catch it."""
    if (loop := asyncio._get_running_loop()) is not None:
        leaving = type("DeadlineExceeded", (error, SystemExit), {})

        def leave() -> None:
            raise leaving

        loop.call_soon(leave)


def _in_own_line(ident: int) -> bool:
    """Return whether a thread runs a line that belongs to no library."""
    frame = current_frames().get(ident)
    return frame is not None and _is_own(frame)


def _is_own(frame: FrameType) -> bool:
    """Return whether a frame belongs to no library."""
    return not frame.f_code.co_filename.startswith(_LIBRARIES)


def _raise_in(ident: int, error: type[BaseException]) -> None:
    """Let a thread raise an error at its next step in Python. It replaces one that is pending."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(error))


def _raise_at_next_line(frame: FrameType, error: type[BaseException]) -> None:
    """Let a function of the calling thread raise an error before its next line, or instead of returning.

    This ends all tracing in the thread.
    """

    def trace(*event: object) -> None:
        raise error

    frame.f_trace = trace
    sys.settrace(lambda *event: None)


class _Withdrawn(BaseException):
    """Raised and caught in the place of a pending error."""


def _withdraw() -> None:
    """Withdraw an error that is pending in the calling thread.

    Python can remove a pending error, but it keeps the mark that there was one: each step is slower then, and on 3.11 a
    thread with a tracer or a profiler never gets any further.
    """
    try:
        _raise_in(threading.get_ident(), _Withdrawn)
        while True:
            pass
    except _Withdrawn:
        return
