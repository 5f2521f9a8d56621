"""Objects that live for the whole run of pytest: loops with heartbeats, a pool, and the library's own functions."""

from __future__ import annotations

import _queue
import _socket
import _thread
import asyncio
import concurrent.futures.process
import io
import multiprocessing.connection
import multiprocessing.pool
import multiprocessing.popen_fork
import os
import select
import selectors
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, thread
from typing import Any

from tests.virtual.poisoning.real_time import real_monotonic_ns

EVERY = 0.1
_CLASSES = (
    _thread.LockType, _thread.RLock, _queue.SimpleQueue, _socket.socket, socket.socket, ssl.SSLSocket, select.epoll,
    selectors.SelectSelector, selectors.PollSelector, selectors.EpollSelector, threading.Thread, threading.Condition,
    asyncio.base_events.BaseEventLoop, asyncio.StreamReader, asyncio.subprocess.Process, ThreadPoolExecutor,
    thread._WorkItem, concurrent.futures.process.ProcessPoolExecutor, io.FileIO, subprocess.Popen,
    multiprocessing.pool.Pool, multiprocessing.pool.ApplyResult, multiprocessing.popen_fork.Popen,
)  # fmt: skip
_MODULES = (time, _thread, threading, select, signal, os, asyncio, socket, multiprocessing.connection)
_SIGNALS = (signal.SIGALRM, signal.SIGURG, signal.SIGINT)


class Heartbeat:
    """A timer of a loop that starts itself again, and records when it was called."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop, self.beats = loop, list[int]()

    def beat(self) -> None:
        """Record the time, and do it again after a tenth of a second."""
        self.beats.append(real_monotonic_ns())
        self.loop.call_later(EVERY, self.beat)


class Session:
    """The loops and the pool of the run, and what the next plain test must check."""

    def __init__(self) -> None:
        self.session_loop, self.background_loop = asyncio.new_event_loop(), asyncio.new_event_loop()
        self.background_loop.time = time.monotonic  # type: ignore[method-assign]  # or freezegun would stop it while it runs
        self.heartbeats = {loop: Heartbeat(loop) for loop in (self.session_loop, self.background_loop)}
        for heartbeat in self.heartbeats.values():
            heartbeat.loop.call_soon(heartbeat.beat)
        self.pool = ThreadPoolExecutor(2)
        self.pool.submit(int).result()
        self.checks: list[Callable[[], None]] = []
        self.kept: list[Any] = []
        threading.Thread(target=self.background_loop.run_forever, daemon=True).start()


def originals() -> dict[str, Any]:
    """Return the present functions and methods of the standard library, the import hooks and the signal handlers."""
    found: dict[str, Any] = {
        "finders": [one for one in sys.meta_path if type(one).__module__.startswith("jobmock")]
    }
    for kind in _CLASSES:
        name = f"{kind.__module__}.{kind.__qualname__}"
        found.update((f"{name}.{key}", id(value)) for key, value in vars(kind).items() if not key.startswith("_abc"))
    for module in _MODULES:
        for key, value in vars(module).items():
            if callable(value):
                held = getattr(value, "__self__", None) if isinstance(value, type(len)) else None
                found[f"{module.__name__}.{key}"] = id(value), id(held), id(getattr(value, "__code__", None))
    found.update((f"signal {number}", signal.getsignal(number)) for number in _SIGNALS)
    found["hooks"] = threading.excepthook, sys.excepthook, sys.unraisablehook
    return found


SESSION = Session()
ORIGINALS: dict[str, Any] = {}
