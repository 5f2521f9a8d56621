"""Sends calls to the real API's host to the mock, and refuses calls to other hosts, below all libraries.

It is for a client whose code names the real host. Whichever library a client uses, names are looked up, connections are
made and TLS is begun in Python's own modules `socket` and `ssl`. So the functions are replaced there.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from typing import ClassVar, Protocol

from jobmock.virtual import Scheduler, current_participant

from . import owners
from .certificates import server_context
from .decisions import written
from .errors import HostRefused
from .net import Net

__all__ = ["HostRefused", "Intercept", "Target"]

_TLS_PORT = 443
_net = Net()


class Target(Protocol):
    """A mock: the host of its real API, and the addresses at which the mock listens."""

    host: str

    def address(self, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Return the loopback address of the mock, with TLS if a context is given. It listens from then on."""


class Intercept:
    """Sends calls to the host of one API to its mock, within a `with` block. Several can be active together.

    Without a target, only hosts that aren't allowed are refused.
    """

    active: ClassVar[list[Intercept]] = owners.active

    def __init__(self, target: Target | None, allow: Sequence[str]) -> None:
        self._target, self.mocks = target, target is not None
        self.host = written(target.host) if target is not None else ""
        self.allowed = {written(host) for host in ((allow,) if isinstance(allow, str) else allow)}
        self.looked_up: set[str] = set()
        """The addresses that look-ups of allowed hosts have returned."""
        self.scheduler: Scheduler | None = None
        """That of the test's virtual time, if it has any."""
        self._addresses: dict[bool, tuple[str, int]] = {}
        self._process = os.getpid()

    def __enter__(self) -> Intercept:
        if self not in self.active:
            me = current_participant()
            self.scheduler = me.scheduler if me is not None else None
            owners.add(self)
            _net.enter()
        return self

    def __exit__(self, *error: object) -> None:
        if self in self.active:
            owners.remove(self)
            _net.leave()

    def address(self, port: object) -> tuple[str, int]:
        """Return the mock's address for a port of the real host. Raises HostRefused in a forked process."""
        __tracebackhide__ = True
        assert self._target is not None
        tls = port == _TLS_PORT
        if tls not in self._addresses:
            if os.getpid() != self._process:
                raise HostRefused(
                    f"intercept() can't lead a forked process to the mock of {self.host}, which nobody has called yet."
                    f" Let the client use the mock's `url`, or call {self.host} once before the fork."
                )
            self._addresses[tls] = self._target.address(server_context(self.host) if tls else None)
        return self._addresses[tls]
