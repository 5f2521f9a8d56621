"""uvicorn on a pre-bound socket: in the foreground for `serve`, or in a thread of its own. Ready when it says so."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from .errors import StartError

_BACKLOG = 2048
_DRAIN_SECONDS = 2
_KEEP_ALIVE_SECONDS = 75


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises StartError.

    It is made with IPPROTO_TCP, because asyncio sets TCP_NODELAY only then.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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


class Server(uvicorn.Server):
    """A uvicorn server that tells when it is ready, and whose SIGTERM is a clean end."""

    def __init__(self, app: Any, on_ready: Callable[[], None], *, http: str = "auto", loop: str = "auto") -> None:
        super().__init__(uvicorn.Config(
            app, http=http, loop=loop, interface="asgi3", lifespan="off", ws="none", log_config=None, access_log=False,
            proxy_headers=False, server_header=False, date_header=False, timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        ))  # fmt: skip
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
        """Drain on SIGTERM and SIGINT, without raising them again afterwards as uvicorn does."""
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
    server = Server(app, on_ready, http=http)
    server.run(sockets=[listener])
    return 130 if server.interrupted else 0


@contextmanager
def running(app: Any, *, host: str = "127.0.0.1", port: int = 0, http: str = "auto") -> Iterator[str]:
    """Serve in a thread for the length of a `with` block; gives the URL. Raises StartError."""
    listener = bound_socket(host, port)
    ready = threading.Event()
    server = Server(app, ready.set, http=http)
    loop_factory = server.config.get_loop_factory()
    thread = threading.Thread(target=_run, args=(server, listener, loop_factory, ready), name="jobmock", daemon=True)
    thread.start()
    ready.wait()
    try:
        if not server.started:
            raise StartError("The server's thread ended before it was ready.")
        yield address(listener)[2]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _run(server: Server, listener: socket.socket, loop_factory: Any, ready: threading.Event) -> None:
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(server.serve(sockets=[listener]))
    finally:
        ready.set()
