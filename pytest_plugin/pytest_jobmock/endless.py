"""What ends a client that goes on without an end: raised in its own calls, and again until the test's thread is out."""

from __future__ import annotations

import asyncio
import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from sysconfig import get_path
from time import monotonic

import pytest

from jobmock.virtual import apart

_AGAIN_SECONDS, _CAREFUL_SECONDS, _ROOM_SECONDS = 0.001, 5.0, 0.01
_MOST_CAUGHT = 20
_LIBRARIES = (
    "<", *(get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    *(folder for package in ("jobmock", "pytest_jobmock") for folder in sys.modules[package].__path__),
)  # fmt: skip
"""How the names of files begin whose lines are not the user's own."""


class Endless(BaseException):
    """A client goes on without an end. It is no Exception, so that few clients catch it."""

    said = ""
    """What is the matter, in words."""

    def __init__(self) -> None:
        super().__init__(self.said)
        self.pytrace = False


def endless(said: str, *, in_property: bool) -> type[Endless]:
    """Return the class of the error that says this.

    It is that of a failed test, but not for a property: Hypothesis would try again and again to make that smaller.
    """
    return type("Endless", (Endless,) if in_property else (Endless, pytest.fail.Exception), {"said": said})


@contextmanager
def without_a_word() -> Iterator[None]:
    """Let threads that end with Endless end without a word, for the length of a `with` block: the test tells it."""
    told = threading.excepthook

    def tell(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, Endless):
            told(args)

    threading.excepthook = tell
    try:
        yield
    finally:
        threading.excepthook = told


class Pursuit:
    """Raises an error in a test's thread wherever that is, again and again, as long as the test is in a `with` block.

    A client that catches whatever it meets in a loop gets it, in the end, between two rounds. For some seconds it is
    raised only where a line of the user's own is at work, so that no library is left in the middle of something; then
    anywhere, with room between for whatever has to be closed.
    """

    def __init__(self) -> None:
        self._ident, self._lock = threading.get_ident(), threading.Lock()
        self._begun: threading.Event | None = None
        """Ends what has begun, if anything has."""
        self._open, self._caught = False, 0

    def __enter__(self) -> None:
        self._open, self._caught = True, 0

    def __exit__(self, *error: object) -> None:
        while self._open:
            with suppress(Endless):
                self.close()

    def close(self) -> None:
        """Raise nothing more in the test's thread, which calls this, not even what is on its way."""
        with self._lock:
            self._open = False
            if self._begun is not None:
                self._begun.set()
                self._begun = None
                _take_back()

    def meet(self, kind: type[Endless]) -> None:
        """Count an error that is raised in the test's thread, which calls this; begin where too many are caught."""
        self._caught += 1
        if self._caught > _MOST_CAUGHT:
            _raise_in_loop(kind)
            self.begin(kind, at_once=False)

    def begin(self, kind: type[Endless], *, at_once: bool = True) -> None:
        """Begin to raise errors of a class; from any thread, and once. `at_once` the first, wherever the test is."""
        with self._lock, apart():
            if self._open and self._begun is None:
                self._begun = threading.Event()
                arguments = (self._begun, kind, at_once)
                thread = threading.Thread(target=self._pursue, args=arguments, name="jobmock-end", daemon=True)
                thread.outside_virtual_time = True  # type: ignore[attr-defined]
                thread.start()

    def _pursue(self, ended: threading.Event, kind: type[Endless], at_once: bool) -> None:
        anywhere_at = monotonic() + (0.0 if at_once else _CAREFUL_SECONDS)
        while not ended.wait(_AGAIN_SECONDS):
            anywhere = monotonic() >= anywhere_at
            with self._lock:
                if not ended.is_set() and (anywhere or _in_own_line(self._ident)):
                    _raise_in(self._ident, kind)
            if anywhere:
                anywhere_at = monotonic() + _ROOM_SECONDS


def _raise_in_loop(kind: type[Endless]) -> None:
    """Let asyncio's loop that runs in this thread raise an error itself, out of reach of its tasks."""
    if (loop := asyncio._get_running_loop()) is not None:
        leaving = type("Endless", (kind, SystemExit), {})

        def leave() -> None:
            raise leaving

        loop.call_soon(leave)


def _in_own_line(ident: int) -> bool:
    """Say whether a thread is just now at a line that belongs to no library."""
    frame = sys._current_frames().get(ident)
    return frame is not None and not frame.f_code.co_filename.startswith(_LIBRARIES)


def _raise_in(ident: int, kind: type[BaseException]) -> None:
    """Let a thread raise an error at its next step in Python, in place of any that is on its way."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(kind))


class _TakenBack(BaseException):
    """Raised and caught in place of an error that is on its way."""


def _take_back() -> None:
    """Let no error be on its way to the calling thread.

    Python can forget one, but not that there was one: each of its steps is slower then, and on 3.11 a thread with a
    tracer or a profiler never gets any further.
    """
    try:
        _raise_in(threading.get_ident(), _TakenBack)
        while True:
            pass
    except _TakenBack:
        return
