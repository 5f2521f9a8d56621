"""The transport itself. `plan` decides what a client meets; the transport plays it in a thread or an event loop."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock, get_ident
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import SECOND
from ..http_libraries import base_transports
from ..models import Reply, Request
from ..service.service import Service
from .library import Library, library_of
from .plan import TIMED_OUT, Opening, opening, pieces
from .waits import AdvanceOrSleep, Waits, checkpoint, current_task

_LOCKS: WeakKeyDictionary[Service, Lock] = WeakKeyDictionary()
_LOCKING = Lock()


class InProcess:
    """A transport that answers by the service. `transport_class` adds the bases of the installed libraries."""

    def __init__(self, service: Service, waits: Waits | None = None) -> None:
        self._service, self._lock = service, _lock_of(service)
        self._waits: Waits = AdvanceOrSleep() if waits is None else waits

    def handle_request(self, request: Any) -> Any:
        """Answer a request of a `Client`."""
        library = library_of(request)
        request.read()
        reply = self._handle(request, get_ident())
        if not reply.due and reply.fault is None:
            return library.response(request, reply)
        delivery = Delivery(library, request, reply, in_loop=False)
        if delivery.opening.until:
            with _lost_if_cancelled(reply):
                self._waits.until(reply.clock, delivery.opening.until)
        return delivery.response(self._waits)

    async def handle_async_request(self, request: Any) -> Any:
        """Answer a request of an `AsyncClient`."""
        library = library_of(request)
        await request.aread()
        await checkpoint()
        reply = self._handle(request, current_task())
        if not reply.due and reply.fault is None:
            return library.response(request, reply)
        delivery = Delivery(library, request, reply, in_loop=True)
        if delivery.opening.until:
            with _lost_if_cancelled(reply):
                await self._waits.auntil(reply.clock, delivery.opening.until)
        return delivery.response(self._waits)

    def close(self) -> None:
        """Do nothing: the next client may use the same transport."""

    async def aclose(self) -> None:
        """Do nothing: the next client may use the same transport."""

    def _handle(self, request: Any, sender: Hashable) -> Reply:
        """Return the service's reply. The service gets one request at a time. A HEAD gets no body.

        `sender` is the thread or the task that sends the request.
        """
        path, _, query = request.url.raw_path.partition(b"?")
        headers = tuple([(name.lower(), value) for name, value in request.headers.raw])
        with self._lock:
            whole = Request(request.method, path, query, headers, request.content, sender, request.url.scheme)
            reply = self._service.handle(whole)
        return reply._replace(body=b"") if request.method == "HEAD" else reply


class Delivery:
    """The delivery of one delayed or broken answer to a client."""

    def __init__(self, library: Library, request: Any, reply: Reply, *, in_loop: bool) -> None:
        self._library, self._request, self._reply, self._in_loop = library, request, reply, in_loop
        self._timeout = _read_timeout(request, reply.clock.speed)
        self.opening: Opening = opening(reply, reply.clock.now(), self._timeout)

    def response(self, waits: Waits) -> Any:
        """Return the response, or raise the exception that the client sees instead."""
        reply, error = self._reply, partial(self._library.error, request=self._request, in_loop=self._in_loop)
        if failure := self.opening.failure:
            if failure is TIMED_OUT:
                reply.lost()
            raise error(failure)
        body = self._library.body(reply, pieces(reply, reply.clock, self._timeout), waits, error)
        return self._library.response(self._request, reply, body)


def _read_timeout(request: Any, speed: float) -> int | None:
    """Return the client's read timeout in nanoseconds of a clock; None without a timeout.

    The client counts real seconds, and a scaled clock goes faster. A clock that stands still counts like the client.
    """
    seconds = request.extensions.get("timeout", {}).get("read")
    return None if seconds is None else round(seconds * SECOND * (speed or 1.0))


@contextmanager
def _lost_if_cancelled(reply: Reply) -> Iterator[None]:
    """Report an answer as lost if its client is cancelled or interrupted before it comes."""
    try:
        yield
    except BaseException:
        reply.lost()
        raise


def _lock_of(service: Service) -> Lock:
    """Return the lock that all transports of a service share."""
    with _LOCKING:
        return _LOCKS.setdefault(service, Lock())


@cache
def transport_class() -> type[InProcess]:
    """Return `InProcess` with the base transports of the installed libraries as bases, for checks with isinstance."""
    return type("InProcess", (InProcess, *base_transports()), {"__doc__": InProcess.__doc__})
