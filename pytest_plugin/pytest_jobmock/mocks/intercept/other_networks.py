"""Libraries that look names up or connect outside Python's `socket`: uvloop (in C) and aiodns (its own resolver).

They are changed once they are imported. They get the mock's address, or a stand-in, in place of the name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from . import decisions

Attribute = tuple[Any, str, Callable[..., Any]]
"""Owner and name of an attribute, and the function that replaces it."""


def uvloop_getaddrinfo(real: Any, loop: Any, host: Any, port: Any, **kwargs: Any) -> Any:
    """uvloop's Loop.getaddrinfo: look up a stand-in, which needs no network, in place of a mocked host."""
    __tracebackhide__ = True
    return _noted(real(loop, decisions.name_to_look_up(host, port), port, **kwargs), _addresses_of_rows)


def uvloop_create_connection(
    real: Any, loop: Any, factory: Any, host: Any = None, port: Any = None, **kwargs: Any
) -> Any:  # fmt: skip
    """uvloop's Loop.create_connection: connect to the mock in place of a mocked host."""
    __tracebackhide__ = True
    if host is not None:
        if kwargs.get("ssl") and kwargs.get("server_hostname") is None:
            kwargs["server_hostname"] = host
        host, port = decisions.address_to_use((host, port))[:2]
    return real(loop, factory, host, port, **kwargs)


def uvloop_sock_connect(real: Any, loop: Any, connection: Any, address: Any) -> Any:
    """uvloop's Loop.sock_connect: connect to the mock in place of a stand-in."""
    __tracebackhide__ = True
    return real(loop, connection, decisions.address_to_use(address))


def aiodns_getaddrinfo(real: Any, resolver: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
    """aiodns's DNSResolver.getaddrinfo: look up a stand-in, which needs no network, in place of a mocked host."""
    __tracebackhide__ = True
    return _noted(real(resolver, decisions.name_to_look_up(host), *args, **kwargs), _addresses_of_nodes)


def aiodns_query(real: Any, resolver: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
    """aiodns's other look-ups: refuse them for a host that isn't allowed."""
    __tracebackhide__ = True
    decisions.check(host)
    return real(resolver, host, *args, **kwargs)


async def _noted(look_up: Any, addresses: Callable[[Any], Iterator[object]]) -> Any:
    found = await look_up
    decisions.note_found(addresses(found))
    return found


def _addresses_of_rows(rows: Any) -> Iterator[object]:
    return (row[4][0] for row in rows)


def _addresses_of_nodes(found: Any) -> Iterator[object]:
    return (node.addr[0] for node in found.nodes)


def _uvloop(module: ModuleType) -> Iterator[Attribute]:
    yield module.Loop, "getaddrinfo", uvloop_getaddrinfo
    yield module.Loop, "create_connection", uvloop_create_connection
    yield module.Loop, "sock_connect", uvloop_sock_connect


def _aiodns(module: ModuleType) -> Iterator[Attribute]:
    for name in ("gethostbyname", "gethostbyaddr", "query", "query_dns"):
        if hasattr(module.DNSResolver, name):
            yield module.DNSResolver, name, aiodns_query
    yield module.DNSResolver, "getaddrinfo", aiodns_getaddrinfo


MODULES: Mapping[str, Callable[[ModuleType], Iterator[Attribute]]] = {"aiodns": _aiodns, "uvloop": _uvloop}


def imported_attributes() -> Iterator[Attribute]:
    """Yield the attributes to replace in those modules that are imported."""
    for name, attributes in MODULES.items():
        if name in sys.modules:
            yield from attributes(sys.modules[name])
