"""Serves applications from one event loop in a thread, each on its own port.

Opening a port costs a fraction of a millisecond, so each test can have its own.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from _thread import allocate_lock
from collections.abc import Callable
from copy import copy
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from time import sleep
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from ..errors import StartError
from .accepting import Acceptor, Loop, Selector
from .server_log import quiet_loop
from .tls import TlsProtocol, with_tls

_BACKLOG, _KEEP_ALIVE_SECONDS = 2048, 75
_MOST_LOOKS, _LOOK_AGAIN_SECONDS = 100, 0.0005
_FULL_SECONDS = 0.01
"""How long the loop pauses where the process has no file descriptor left for a connection."""
_EXCLUSIVE_ADDRESS = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""Allows a port that was just closed, but no port in use: on Windows SO_REUSEADDR would allow that too."""


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises StartError.

    It is made with IPPROTO_TCP, because asyncio sets TCP_NODELAY only then.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, _EXCLUSIVE_ADDRESS, 1)
        listener.setblocking(False)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise StartError(f"Can't listen on {host}:{port}: {getattr(error, 'strerror', None) or error}.") from error
    return listener


def address(listener: socket.socket, *, tls: object = None) -> tuple[str, int, str]:
    """Return host, port and URL of a listening socket, which has TLS if a context is given."""
    host, port = listener.getsockname()[:2]
    scheme = "http" if tls is None else "https"
    return host, port, f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def settings(
    app: Any, *, http: str = "auto", loop: str = "auto", tls: ssl.SSLContext | None = None, **more: Any
) -> uvicorn.Config:
    """Return the configuration of uvicorn for an application, with TLS if a context is given.

    uvicorn adds nothing to an answer. `http` is `httptools` or `h11`; `auto` is the first of them that is installed.
    """
    protocol: Any = _protocol(http)
    return uvicorn.Config(
        app, http=protocol if tls is None else with_tls(protocol, tls), loop=loop, interface="asgi3",
        lifespan="off", ws="none", log_config=None, proxy_headers=False, server_header=False, date_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS, **more,
    )  # fmt: skip


def _protocol(http: str) -> type[asyncio.Protocol]:
    """Return the protocol of a parser of HTTP."""
    if http == "auto":
        http = "httptools" if find_spec("httptools") else "h11"
    protocol: type[asyncio.Protocol] = import_module(f".{http}_protocol", __package__).Protocol
    return protocol


@cache
def _loaded(http: str) -> uvicorn.Config:
    """Return a loaded configuration. A listener copies it and sets its application."""
    config = settings(None, http=http)
    config.load()
    return config


class Listener:
    """One application on one port. `errors` are the exceptions that it raised: bugs of jobmock itself."""

    def __init__(
        self, app: Any, listening: socket.socket, loop: asyncio.AbstractEventLoop, http: str,
        tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.app, self.socket, self._loop, self._tls = app, listening, loop, tls
        self.errors: list[Exception] = []
        _, self.port, self.url = address(listening, tls=tls)
        self._state, self.closed = ServerState(), False
        getattr(app, "watch_connections", lambda connections: None)(self._state.connections)
        self._config = copy(_loaded(http))
        self._config.loaded_app = self._guarded

    @property
    def connected(self) -> bool:
        """Whether it has a connection, or processes that share a clock: one may have just lost its connection."""
        return bool(self._state.connections or getattr(self.app, "shares_time", False))

    def ends(self) -> dict[Any, Any]:
        """Return the sockets of its connections, by the addresses that they lead to."""
        connections: Any = tuple(self._state.connections)
        return {one.client: one.transport.get_extra_info("socket") for one in connections}

    def accept(self) -> None:
        """Accept the next connection. Called in the loop's thread."""
        try:
            connection = self.socket.accept()[0]
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            sleep(_FULL_SECONDS)
            return
        self._loop.create_task(self._loop.connect_accepted_socket(lambda: self.protocol(self._tls), connection))

    def close(self) -> None:
        """Abort every connection with its requests. Called in the loop's thread."""
        for connection in tuple(self._state.connections):
            connection.transport.abort()
        getattr(self.app, "note_aborted", lambda: None)()

    def protocol(self, tls: ssl.SSLContext | None) -> asyncio.Protocol:
        """Return the protocol of a new connection, with TLS if a context is given."""
        if self.closed:
            return _AbortedConnection()
        protocol = self.plain_protocol()
        return protocol if tls is None else TlsProtocol(tls, protocol, self._state.connections)

    def plain_protocol(self) -> asyncio.Protocol:
        """Return the protocol of a new connection, which is above TLS if there is any."""
        protocol: asyncio.Protocol = self._config.http_protocol_class(  # type: ignore[call-arg]
            config=self._config, server_state=self._state, app_state={}, _loop=self._loop
        )
        return protocol

    async def _guarded(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            self.errors.append(error)
            raise


class _AbortedConnection(asyncio.Protocol):
    """Aborts a connection that was accepted while its listener was being closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.abort()  # type: ignore[attr-defined]


class Host:
    """An event loop in its own thread, started with the first listener. Its methods are called from other threads."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._selector: Selector | None = None
        self._acceptor: Acceptor | None = None
        self._thread: threading.Thread | None = None
        self._listeners: list[Listener] = []
        self._starting = allocate_lock()

    @property
    def ident(self) -> int | None:
        """The identifier of the loop's thread; None before it is started."""
        return None if self._thread is None else self._thread.ident

    def open(
        self, app: Any, *, host: str = "127.0.0.1", port: int = 0, http: str = "auto",
        tls: ssl.SSLContext | None = None, kind: type[Listener] = Listener,
    ) -> Listener:  # fmt: skip
        """Serve an application, with TLS if a context is given; port 0 takes a free one. Raises StartError.

        The socket listens at once, so no caller has to wait for the loop.
        """
        loop, acceptor = self._running()
        listener = kind(app, bound_socket(host, port), loop, http, tls)
        self._listeners.append(listener)
        acceptor.open(listener.socket, listener.accept)
        return listener

    def shut(self, listener: Listener) -> None:
        """Stop serving an application, and return when it has ended completely."""
        self._listeners.remove(listener)
        loop, acceptor = self._running()
        listener.closed = True
        acceptor.shut(listener.socket)
        for _ in range(2):  # a connection that is being accepted now is there after the first time
            if listener.connected:
                loop.call_soon_threadsafe(listener.close)
            self.settle()
        listener.socket.close()

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call a function in the loop's thread, before data is read that comes from now on."""
        self._running()[0].call_soon_threadsafe(function)

    def settle(self) -> int:
        """Return when every request that has arrived is answered, but for answers that wait for the clock.

        The result changes whenever the loop has done anything.
        """
        return 0 if self._selector is None else self._selector.settle()

    def settle_while(self, is_busy: Callable[[], bool]) -> int:
        """Settle, and again while `is_busy` returns True, for 0.05 s at most: half a request may keep it busy."""
        for _ in range(_MOST_LOOKS):
            work_done = self.settle()
            if not is_busy():
                break
            sleep(_LOOK_AGAIN_SECONDS)
        return work_done

    def ends(self, port: int) -> dict[Any, Any]:
        """Return the sockets of a listener's connections, by the addresses that they lead to. Raises KeyError."""
        return {one.port: one for one in tuple(self._listeners)}[port].ends()

    def end(self) -> None:
        """Shut every listener, and end the loop and its thread."""
        if self._loop is None or self._thread is None or self._acceptor is None:
            return
        for listener in tuple(self._listeners):
            self.shut(listener)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._acceptor.close()
        self._loop = self._thread = self._selector = self._acceptor = None

    def _running(self) -> tuple[asyncio.AbstractEventLoop, Acceptor]:
        with self._starting:
            if self._loop is None or self._acceptor is None:
                self._loop = loop = quiet_loop(Loop)
                self._selector, self._acceptor = loop.selector, Acceptor(loop)
                self._thread = threading.Thread(target=self._loop.run_forever, name="jobmock", daemon=True)
                self._thread.outside_virtual_time = True  # type: ignore[attr-defined]
                self._thread.start()
            return self._loop, self._acceptor
