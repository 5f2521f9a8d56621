"""Runs uvicorn on a bound socket: in the foreground for `serve`, or in a thread."""

from __future__ import annotations

import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from .listeners import Host, settings

_DRAIN_SECONDS = 2


class Server(uvicorn.Server):
    """A uvicorn server that reports when it is ready, and ends cleanly on SIGTERM."""

    def __init__(self, app: Any, on_ready: Callable[[], None], *, http: str = "auto", loop: str = "auto") -> None:
        super().__init__(settings(app, http=http, loop=loop, timeout_graceful_shutdown=_DRAIN_SECONDS))
        self._on_ready = on_ready
        self.interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        release = getattr(self.config.app, "release", None)
        if release:
            release()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on SIGTERM and SIGINT. Unlike uvicorn, don't raise the signal again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and number == signal.SIGINT
        self.should_exit = True
        self.interrupted = self.interrupted or number == signal.SIGINT


def serve(app: Any, listener: socket.socket, on_ready: Callable[[], None], *, http: str = "auto") -> int:
    """Serve in the foreground until SIGTERM (returns 0) or SIGINT (returns 130)."""
    server = Server(app, lambda: _report_ready(on_ready), http=http)
    try:
        server.run(sockets=[listener])
    finally:
        gc.unfreeze()
    return 130 if server.interrupted else 0


def _report_ready(on_ready: Callable[[], None]) -> None:
    """Report that the server is ready, and exempt existing objects from garbage collection, which delays answers."""
    on_ready()
    gc.freeze()


@contextmanager
def running(app: Any, *, host: str = "127.0.0.1", port: int = 0, http: str = "auto") -> Iterator[str]:
    """Serve in a thread for the length of a `with` block, which gets the URL. Raises StartError."""
    thread = Host()
    try:
        yield thread.open(app, host=host, port=port, http=http).url
    finally:
        thread.end()
