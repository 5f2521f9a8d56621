"""Passes the signals that this process gets on to the commands that it runs."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any, Self, TypeVar

from .child import Child

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
"""Signals that ask to end. No other command is started after one."""
_OTHERS = ("SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT")
_STOPPING = "SIGTSTP"
"""A terminal's signal to stop. A process without a terminal of its own ignores it, so its children get SIGSTOP."""
_MOST_WAKEUPS = 4096
T = TypeVar("T")


class Signals:
    """Passes signals on for the length of a `with` block, in the main thread. Ignored ones stay ignored."""

    def __init__(self) -> None:
        self.ending: int | None = None
        """The last signal that asks to end."""
        self._lock = threading.RLock()  # a signal may come while another one is passed on
        self._children: set[Child] = set()
        self._passed: list[int] = []
        self._closing = ExitStack()
        self._wakeup: _Wakeup | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._wakeup = self._closing.enter_context(_Wakeup())
            handlers = dict.fromkeys(_ENDING, self._end) | dict.fromkeys(_OTHERS, self._pass_on)
            for name, handler in {**handlers, _STOPPING: self._suspend}.items():
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._closing.callback(signal.signal, number, signal.signal(number, handler))
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.close()

    def wait_for(self, future: Future[T]) -> T:
        """Return the result of a future. A signal that comes meanwhile is passed on at once."""
        if self._wakeup is not None:
            self._wakeup.wait_for(future)
        return future.result()

    @contextmanager
    def passed_to(self, start: Callable[[], Child]) -> Iterator[Child]:
        """Start a child, and pass signals on to it for the length of a `with` block. The child is ended then.

        It gets those too that came while it was started.
        """
        before = len(self._passed)
        with start() as child:
            with self._lock:
                for number in self._passed[before:]:
                    child.send(number)
                self._children.add(child)
            try:
                yield child
            finally:
                with self._lock:
                    self._children.discard(child)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ending = number
        self._pass_on(number, frame)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        with self._lock:
            self._passed.append(number)
            for child in self._children:
                child.send(number)

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        """Stop the children, then this process. The SIGCONT with which it goes on is passed on too."""
        self._pass_on(signal.SIGSTOP, frame)
        os.kill(os.getpid(), signal.SIGSTOP)


class _Wakeup:
    """Wakes the main thread for a signal, or when a future has its result.

    A lock doesn't do: a signal that comes just before the thread waits for it is handled only after that.
    """

    def __enter__(self) -> Self:
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._before = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, *error: object) -> None:
        signal.set_wakeup_fd(self._before)
        self._read.close()
        self._write.close()

    def wait_for(self, future: Future[Any]) -> None:
        """Wait until a future has its result."""
        future.add_done_callback(lambda _: self._wake())
        while not future.done():
            self._read.recv(_MOST_WAKEUPS)

    def _wake(self) -> None:
        with suppress(OSError):  # it is full, so the thread wakes, or closed, so it doesn't wait any more
            self._write.send(b"\0")
