"""The server's end of the connections of other processes: what it has received, read and written."""

from __future__ import annotations

import select
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any

from ...tcp_info import tcp_info

CLOSED = -1
"""Stands for the number of written bytes of a connection that the server has closed."""
_ACCEPT_SECONDS, _ACCEPT_LOOKS = 0.05, 30
"""How long, and for how many looks, a connection that a process names may be unknown here. Then it counts as closed.
The time alone may pass without a turn in which the connection could be accepted, if the system is busy."""
_poll: Any = getattr(select, "poll", None)


class Connections:
    """The connections of one application, at all its ports. A connection is known by the port of its other end."""

    def __init__(self) -> None:
        self._sets: list[set[Any]] = []
        self._protocols: dict[int, tuple[Any, set[Any]]] = {}
        self._missing: dict[int, tuple[float, int]] = {}
        """For each of the connections that are unknown here: since when, and for how many looks."""
        self._known: set[int] = set()
        """Ports of connections that have been here."""

    def watch(self, connections: set[Any]) -> None:
        """Find connections in this set too, which holds the protocols of one listener's open connections."""
        self._sets.append(connections)

    def expect(self, port: int) -> None:
        """Note that a process has made a new connection from a port, which an older one may have used."""
        if self._protocol(port) is None:
            self._known.discard(port)

    def note(self, port: int) -> None:
        """Note that a request came from a port."""
        self._known.add(port)

    def written(self, sent: Mapping[int, int | None]) -> dict[int, int] | None:
        """Return how many bytes the server has written on each connection, or CLOSED.

        None while it hasn't read all that the process has `sent` on them. A connection whose reading is paused counts
        as read: the server reads on after it has answered.
        """
        written: dict[int, int] = {}
        reading: list[int] = []
        for port, count in sent.items():
            protocol = self._protocol(port)
            if protocol is None:
                if self._may_come(port):
                    return None
                written[port] = CLOSED
                continue
            transport = protocol.transport
            end = transport.get_extra_info("socket")
            info = tcp_info(end)
            written[port] = _progress(protocol) if info is None else info.sent + transport.get_write_buffer_size()
            if transport.is_reading():
                if info is not None and count is not None and info.received < count:
                    return None
                reading.append(end.fileno())
        return None if reading and _any_readable(reading) else written

    def are_answered(self, ports: Iterable[int]) -> bool:
        """Return whether all requests that were read on these connections are answered completely."""
        protocols = [self._protocols[port][0] for port in ports if port in self._protocols]
        return all(
            (cycle := getattr(protocol, "cycle", None)) is None or cycle.response_complete for protocol in protocols
        )

    def cycle(self, port: int) -> Any:
        """Return uvicorn's object for the last request on a connection, or None."""
        return getattr(self._protocol(port), "cycle", None)

    def _protocol(self, port: int) -> Any:
        """Return the protocol of an open connection, or None."""
        protocol, among = self._protocols.get(port) or (None, set())
        if protocol is not None and protocol in among and not protocol.transport.is_closing():
            return protocol
        for connections in self._sets:
            for one in connections:
                if one.client is not None and one.client[1] == port and not one.transport.is_closing():
                    self._protocols[port] = one, connections
                    self._known.add(port)
                    self._missing.pop(port, None)
                    return one
        self._protocols.pop(port, None)
        return None

    def _may_come(self, port: int) -> bool:
        """Return whether the server may not have accepted a connection yet."""
        if port in self._known:
            return False
        since, looks = self._missing.get(port) or (monotonic(), 0)
        self._missing[port] = since, looks + 1
        if looks < _ACCEPT_LOOKS or monotonic() - since < _ACCEPT_SECONDS:
            return True
        del self._missing[port]
        self._known.add(port)
        return False


def _progress(protocol: Any) -> int:
    """Return a number that changes when the server answers, for systems that don't count bytes."""
    cycle = getattr(protocol, "cycle", None)
    return 0 if cycle is None else id(cycle) * 4 + cycle.response_started * 2 + cycle.response_complete


def _any_readable(descriptors: Iterable[int]) -> bool:
    """Return whether there is data on any connection that the server hasn't read, or its end."""
    if _poll is None:
        return bool(select.select(list(descriptors), [], [], 0)[0])
    poll = _poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
