"""Applications served from one loop in a thread of its own, each on a port, and each gone without a trace when closed.

Opening one costs a fraction of a millisecond, so a test can have a port to itself.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from _thread import allocate_lock
from copy import copy
from functools import cache
from time import sleep
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from .door import Door, Selector
from .errors import StartError

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 75
_FULL_SECONDS = 0.01
"""How long the loop rests where the process has no descriptor left for a connection."""
_ALONE = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""Take a port that is just left, but no port of another's: on Windows SO_REUSEADDR would do that too."""


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises StartError.

    It is made with IPPROTO_TCP, because asyncio sets TCP_NODELAY only then.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, _ALONE, 1)
        listener.setblocking(False)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise StartError(f"Can't listen on {host}:{port}: {getattr(error, 'strerror', None) or error}.") from error
    return listener


def address(listener: socket.socket) -> tuple[str, int, str]:
    """Return host, port and URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return host, port, f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def settings(app: Any, *, http: str = "auto", loop: str = "auto", **more: Any) -> uvicorn.Config:
    """Return what uvicorn is told, wherever an application is served: nothing of its own is added to an answer."""
    return uvicorn.Config(
        app, http=http, loop=loop, interface="asgi3", lifespan="off", ws="none", log_config=None, access_log=False,
        proxy_headers=False, server_header=False, date_header=False, timeout_keep_alive=_KEEP_ALIVE_SECONDS, **more,
    )  # fmt: skip


@cache
def _loaded(http: str) -> uvicorn.Config:
    """Return settings that are loaded, for a listener to copy and to put its application in."""
    config = settings(None, http=http)
    config.load()
    return config


class Listener:
    """One application on one port. `errors` are what it raised: none, unless jobmock itself is wrong."""

    def __init__(self, app: Any, listening: socket.socket, loop: asyncio.AbstractEventLoop, http: str) -> None:
        self.app, self.socket, self._loop = app, listening, loop
        self.errors: list[Exception] = []
        _, self.port, self.url = address(listening)
        self._state, self.closed = ServerState(), False
        self._config = copy(_loaded(http))
        self._config.loaded_app = self._guarded

    @property
    def connected(self) -> bool:
        """Whether it has a connection."""
        return bool(self._state.connections)

    def accept(self) -> None:
        """Take the next connection; on the loop's thread."""
        try:
            connection = self.socket.accept()[0]
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            sleep(_FULL_SECONDS)
            return
        self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, connection))

    def close(self) -> None:
        """End every connection at once, and with it what is being answered; on the loop's thread."""
        for connection in tuple(self._state.connections):
            connection.transport.abort()

    def _protocol(self) -> asyncio.Protocol:
        if self.closed:
            return _TooLate()
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


class _TooLate(asyncio.Protocol):
    """Meets a connection that was accepted in the very turn in which its listener was closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.abort()  # type: ignore[attr-defined]


class Host:
    """A loop in a thread of its own, started with the first listener. Its methods are called from other threads."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._selector: Selector | None = None
        self._door: Door | None = None
        self._thread: threading.Thread | None = None
        self._listeners: list[Listener] = []
        self._starting = allocate_lock()

    @property
    def ident(self) -> int | None:
        """The identifier of the loop's thread; None before it is started."""
        return None if self._thread is None else self._thread.ident

    def open(self, app: Any, *, host: str = "127.0.0.1", port: int = 0, http: str = "auto") -> Listener:
        """Serve an application; port 0 takes a free one. Raises StartError.

        The socket listens at once, so nobody needs to wait for the loop.
        """
        loop, door = self._running()
        listener = Listener(app, bound_socket(host, port), loop, http)
        self._listeners.append(listener)
        door.open(listener.socket, listener.accept)
        return listener

    def shut(self, listener: Listener) -> None:
        """Stop serving an application, and return when nothing of it goes on."""
        self._listeners.remove(listener)
        loop, door = self._running()
        listener.closed = True
        door.shut(listener.socket)
        for _ in range(2):  # a connection that was just being accepted is there after the first time
            if listener.connected:
                loop.call_soon_threadsafe(listener.close)
            self.settle()
        listener.socket.close()

    def settle(self) -> None:
        """Return when whatever had arrived has been answered, as far as it can be without time passing."""
        if self._selector is not None:
            self._selector.settle()

    def end(self) -> None:
        """Shut every listener, and end the loop and its thread."""
        if self._loop is None or self._thread is None or self._door is None:
            return
        for listener in tuple(self._listeners):
            self.shut(listener)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._door.close()
        self._loop = self._thread = self._selector = self._door = None

    def _running(self) -> tuple[asyncio.AbstractEventLoop, Door]:
        with self._starting:
            if self._loop is None or self._door is None:
                self._selector = Selector()
                self._loop = asyncio.SelectorEventLoop(self._selector)
                self._door = Door(self._loop)
                self._thread = threading.Thread(target=self._loop.run_forever, name="jobmock", daemon=True)
                self._thread.outside_virtual_time = True  # type: ignore[attr-defined]
                self._thread.start()
            return self._loop, self._door
