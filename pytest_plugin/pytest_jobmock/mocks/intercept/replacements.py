"""What is replaced below all libraries: name look-up, connecting, and whom TLS trusts.

Each function here replaces the one of the same name; `real` is the function before.
"""

from __future__ import annotations

import _socket
import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

from jobmock.virtual import in_real_time

from . import decisions
from .certificates import client_context

_look_up = _socket.getaddrinfo
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_PROACTORS = tuple(filter(None, [getattr(asyncio, "IocpProactor", None)]))
"""Only on Windows."""


def getaddrinfo(real: Any, host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    """Look up a name: a mocked host has its stand-in's address, and no look-up leaves."""
    __tracebackhide__ = True
    name = decisions.name_to_look_up(host, port)
    if name is not host:
        return _stand_in_addresses(name, port, *args, **kwargs)
    found = real(host, port, *args, **kwargs)
    decisions.note_found(row[4][0] for row in found)
    return found


async def loop_getaddrinfo(real: Any, loop: Any, host: Any, port: Any, **kwargs: Any) -> Any:
    """loop.getaddrinfo: decide here, where the stack shows who calls, and not in the pool's thread."""
    __tracebackhide__ = True
    name = decisions.name_to_look_up(host, port)
    return await real(loop, host, port, **kwargs) if name is host else _stand_in_addresses(name, port, **kwargs)


def gethostbyname(real: Any, host: Any) -> Any:
    """Look up a name, as gethostbyname, gethostbyname_ex and gethostbyaddr do."""
    __tracebackhide__ = True
    found = real(decisions.name_to_look_up(host))
    decisions.note_found([found] if isinstance(found, str) else found[2])
    return found


def connect(real: Any, connection: socket.socket, address: Any) -> Any:
    """Connect, as connect and connect_ex do."""
    __tracebackhide__ = True
    if connection.family in _INTERNET:
        address = decisions.address_to_use(address, datagram=connection.type == socket.SOCK_DGRAM)
    return real(connection, address)


def proactor_connect(real: Any, proactor: Any, connection: socket.socket, address: Any) -> Any:
    """IocpProactor.connect: connect as event loops on Windows do."""
    __tracebackhide__ = True
    return real(proactor, connection, decisions.address_to_use(address))


def sendto(real: Any, connection: socket.socket, *args: Any) -> Any:
    """Send to an address, as sendto and sendmsg do."""
    __tracebackhide__ = True
    if connection.family in _INTERNET and args:
        decisions.address_to_use(args[-1], datagram=True)
    return real(connection, *args)


def wrap_socket(
    real: Any, context: ssl.SSLContext, sock: Any, server_side: bool = False, do_handshake_on_connect: bool = True,
    suppress_ragged_eofs: bool = True, server_hostname: Any = None, session: Any = None,
) -> Any:  # fmt: skip
    """Begin TLS on a socket: with a mocked host, trust the mock's certificate."""
    if (trusting := _trusting(context, server_side, server_hostname)) is not context:
        context, session = trusting, None
    return real(
        context, sock, server_side=server_side, do_handshake_on_connect=do_handshake_on_connect,
        suppress_ragged_eofs=suppress_ragged_eofs, server_hostname=server_hostname, session=session,
    )  # fmt: skip


def wrap_bio(
    real: Any, context: ssl.SSLContext, incoming: Any, outgoing: Any, server_side: bool = False,
    server_hostname: Any = None, session: Any = None,
) -> Any:  # fmt: skip
    """Begin TLS in memory, as event loops do: with a mocked host, trust the mock's certificate."""
    if (trusting := _trusting(context, server_side, server_hostname)) is not context:
        context, session = trusting, None
    return real(context, incoming, outgoing, server_side=server_side, server_hostname=server_hostname, session=session)


def _trusting(context: ssl.SSLContext, server_side: bool, server_hostname: Any) -> ssl.SSLContext:
    """Return the context for a connection. The client's own context is never changed, as it may outlive the test."""
    if server_side or not server_hostname or decisions.mocking(server_hostname) is None:
        return context
    return client_context(context)


def _stand_in_addresses(
    host: str, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0,  # noqa: A002
) -> list[Any]:  # fmt: skip
    """Return what `socket.getaddrinfo` returns for a stand-in. No look-up is made for a literal address."""
    with in_real_time():
        rows = _look_up(host, port, family, type, proto, flags)
    return [(socket.AddressFamily(row[0]), socket.SocketKind(row[1]), *row[2:]) for row in rows]


ATTRIBUTES: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
    (socket, "getaddrinfo", getaddrinfo), (_socket, "getaddrinfo", getaddrinfo),
    (asyncio.BaseEventLoop, "getaddrinfo", loop_getaddrinfo),
    *((socket, name, gethostbyname) for name in ("gethostbyname", "gethostbyname_ex", "gethostbyaddr")),
    *((socket.socket, name, connect) for name in ("connect", "connect_ex")),
    *((socket.socket, name, sendto) for name in ("sendto", "sendmsg") if hasattr(socket.socket, name)),
    *((proactor, "connect", proactor_connect) for proactor in _PROACTORS),
    (ssl.SSLContext, "wrap_socket", wrap_socket), (ssl.SSLContext, "wrap_bio", wrap_bio),
)  # fmt: skip
