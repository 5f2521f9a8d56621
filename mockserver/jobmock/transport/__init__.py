"""The service behind an httpx or httpx2 transport, without a socket: `httpx.Client(transport=in_process(service))`."""

from __future__ import annotations

from typing import Any

from ..errors import UsageError, short_repr
from ..service.service import Service
from .waits import Waits

__all__ = ["Waits", "in_process"]


def in_process(service: Service, waits: Waits | None = None) -> Any:
    """Return one transport for `Client` and `AsyncClient` of httpx and httpx2 alike.

    A reset, a cut, a hang or a delay raises the exception that a client would see on a socket. `waits` decides how the
    transport waits for a later answer. By default it advances a clock that stands still, and sleeps for any other.
    Raises UsageError if `service` is no Service.
    """
    if not isinstance(service, Service):
        raise UsageError(f"in_process() takes a Service, not {short_repr(service)}.")
    from .adapter import transport_class

    return transport_class()(service, waits)
