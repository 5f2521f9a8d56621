"""What one `intercept()` sends where: its host, the hosts that it allows, and the addresses of the mock."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from typing import Protocol

from jobmock.virtual import Scheduler

from .certificates import server_context
from .errors import HostRefused

_TLS_PORT = 443


class Target(Protocol):
    """A mock: the host of its real API, and the addresses at which the mock listens."""

    host: str

    def address(self, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Return the loopback address of the mock, with TLS if a context is given. It listens from then on."""


class Interception:
    """The mocked host of one `intercept()`, and the hosts that it allows.

    Without a target, only hosts that aren't allowed are refused.
    """

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


def written(host: object) -> str:
    """Return a host as text, in the form in which hosts are compared."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    return text.lower().removesuffix(".").partition("%")[0]
