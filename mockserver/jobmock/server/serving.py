"""Runs uvicorn on a bound socket: in the foreground for `serve`, or in a thread."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

import uvicorn

from .listeners import Host, settings

_DRAIN_SECONDS = 20
"""When answers are cancelled that still aren't ended, as a last resort. A thread's work can't be cancelled."""
_ABORT_SECONDS = 1.5
"""When connections are aborted whose answers don't end: their clients send half a request, or don't read."""


class Port(NamedTuple):
    """An application on a listening socket, with TLS if there is a context."""

    app: Any
    listener: socket.socket
    tls: ssl.SSLContext | None = None


class Server(uvicorn.Server):
    """A uvicorn server that reports when it is ready, and ends cleanly on SIGTERM.

    Other ports are served too. Their connections end with those of the first.
    """

    def __init__(
        self, app: Any, on_ready: Callable[[], None], others: Sequence[Port] = (),
        *, tls: ssl.SSLContext | None = None, http: str = "auto", loop: str = "auto",
    ) -> None:  # fmt: skip
        super().__init__(settings(app, http=http, loop=loop, tls=tls, timeout_graceful_shutdown=_DRAIN_SECONDS))
        self._on_ready, self._others, self._http = on_ready, others, http
        self.interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if hasattr(self.config.app, "watch_connections"):
            self.config.app.watch_connections(self.server_state.connections)
        for port in self._others:
            self.servers.append(await self._serve_other(port))
        self._on_ready()

    async def _serve_other(self, port: Port) -> asyncio.Server:
        config, loop = settings(port.app, http=self._http, tls=port.tls), asyncio.get_running_loop()
        config.load()

        def protocol() -> asyncio.Protocol:
            return config.http_protocol_class(  # type: ignore[call-arg]
                config=config, server_state=self.server_state, app_state={}, _loop=loop
            )

        return await loop.create_server(protocol, sock=port.listener, backlog=config.backlog)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        release = getattr(self.config.app, "release", None)
        if release:
            release()
        aborting = asyncio.get_running_loop().call_later(_ABORT_SECONDS, self._abort)
        try:
            await super().shutdown(sockets)
        finally:
            aborting.cancel()

    def _abort(self) -> None:
        """Abort every connection. Its request ends as if the client had left, so nothing has to be cancelled."""
        connections: Any = tuple(self.server_state.connections)
        for connection in connections:
            connection.transport.abort()

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


def serve(
    first: Port, on_ready: Callable[[], None], others: Sequence[Port] = (), *, http: str = "auto"
) -> int:  # fmt: skip
    """Serve in the foreground until SIGTERM (returns 0) or SIGINT (returns 130)."""
    server = Server(first.app, lambda: _report_ready(on_ready), others, tls=first.tls, http=http)
    try:
        server.run(sockets=[first.listener])
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
