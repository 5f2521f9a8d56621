"""TLS on the server's connections, on any event loop.

The transports for TLS of asyncio and uvloop hide the connection below them: when they have sent all, and how it ends. A
wire fault needs both. So TLS is done here, in memory, and the connection below stays a plain one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_HANDSHAKE_SECONDS = 60
_PIECE = 256 << 10


def with_tls(protocol: Callable[..., Any], context: ssl.SSLContext) -> Any:
    """Return what makes a protocol of uvicorn, above TLS."""

    def make(**state: Any) -> TlsProtocol:
        return TlsProtocol(context, protocol(**state), state["server_state"].connections)

    return make


class TlsProtocol(asyncio.Protocol):
    """The server's end of TLS on a plain connection. It gives the protocol above it a transport.

    Until the handshake has ended, it is one of the `connections` itself, in place of the protocol above.
    """

    transport: Any
    client: Any

    def __init__(self, context: ssl.SSLContext, above: Any, connections: set[Any]) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.above, self._connections = above, connections
        self._begun = self.is_paused = self.is_closing = False

    def connection_made(self, transport: Any) -> None:
        self.transport, self.client = transport, transport.get_extra_info("peername")
        self._connections.add(self)
        self._too_late = asyncio.get_running_loop().call_later(_HANDSHAKE_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._incoming.write(data)
        if self._begun or self._shake_hands():
            self.read()

    def eof_received(self) -> None:
        if self._begun:
            self.above.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._end_handshake()
        self.is_closing = True
        if self._begun:
            self.above.connection_lost(error)

    def pause_writing(self) -> None:
        if self._begun:
            self.above.pause_writing()

    def resume_writing(self) -> None:
        if self._begun:
            self.above.resume_writing()

    def shutdown(self) -> None:
        """End a connection whose handshake hasn't ended."""
        self.transport.abort()

    def read(self) -> None:
        """Give the protocol above what has arrived."""
        while not (self.is_paused or self.is_closing):
            try:
                data = self.tls.read(_PIECE)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLError:
                data = b""
            if not data:
                self.close()
                break
            self.above.data_received(data)
        self._send()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt data and send it."""
        rest = memoryview(data).cast("B")
        while rest and not self.is_closing:
            rest = rest[self.tls.write(rest) :]
        self._send()

    def close(self) -> None:
        """Report the end to the client (close_notify), and close the connection."""
        if self.is_closing:
            return
        self.is_closing = True
        with suppress(ssl.SSLError):  # the client's own report isn't waited for
            self.tls.unwrap()
        self._send()
        self.transport.close()

    def _shake_hands(self) -> bool:
        """Go on with the handshake. Returns whether it has ended well; if not, the client has seen the reason."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            self._send()
            return False
        except ssl.SSLError:
            self._send()
            self.transport.close()
            return False
        self._send()
        self._end_handshake()
        self._begun = True
        self.above.connection_made(_Transport(self))
        return True

    def _end_handshake(self) -> None:
        self._connections.discard(self)
        self._too_late.cancel()

    def _send(self) -> None:
        if (data := self._outgoing.read()) and not self.transport.is_closing():
            self.transport.write(data)


class _Transport(asyncio.Transport):
    """What the protocol above TLS writes to."""

    def __init__(self, own: TlsProtocol) -> None:
        self._own, self._below = own, own.transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        own = {"sslcontext": self._own.tls.context, "ssl_object": self._own.tls, "tcp_transport": self._below}
        return own[name] if name in own else self._below.get_extra_info(name, default)

    def get_protocol(self) -> Any:
        return self._own.above

    def set_protocol(self, protocol: Any) -> None:
        self._own.above = protocol

    def is_reading(self) -> bool:
        return not self._own.is_paused

    def pause_reading(self) -> None:
        self._own.is_paused = True
        self._below.pause_reading()

    def resume_reading(self) -> None:
        self._own.is_paused = False
        self._below.resume_reading()
        asyncio.get_running_loop().call_soon(self._own.read)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._own.write(data)

    def get_write_buffer_size(self) -> int:
        size: int = self._below.get_write_buffer_size()
        return size

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._below.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self._own.is_closing or bool(self._below.is_closing())

    def close(self) -> None:
        self._own.close()

    def abort(self) -> None:
        self._below.abort()
