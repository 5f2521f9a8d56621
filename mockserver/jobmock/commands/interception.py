"""Leads a client whose code names the real hosts to the mock of its run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ..server.certificates import authority_pem
from ..server.connect_proxy import open_connect_proxy
from ..server.listeners import Host
from .intercept_environment import InterceptEnvironment, intercept_environment
from .run_mock import RunMock

_NO_NETWORK = {"JOBMOCK_NO_NETWORK": "1"}
"""Also refuses connections of processes that are in virtual time and ignore the proxy, such as those of Node 20."""


@contextmanager
def intercepted(
    host: Host, mock: RunMock, environment: Mapping[str, str], *, no_network: bool
) -> Iterator[InterceptEnvironment]:
    """Serve a proxy before a mock for the length of a `with` block, and yield the variables that lead to it."""
    proxy = open_connect_proxy(host, mock.listener, environment, no_network=no_network)
    try:
        with intercept_environment(environment, proxy.url, authority_pem()) as found:
            yield InterceptEnvironment(found.variables | (_NO_NETWORK if no_network else {}), found.notes)
    finally:
        host.shut(proxy)
