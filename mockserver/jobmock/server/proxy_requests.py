"""Requests to a proxy: their heads, and the answers of the proxy itself."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from .. import apis

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
MOST_HEAD = 64 << 10
"""The largest head of a request or an answer, in bytes."""
_PORTS = {"http": 80, "https": 443}
_OF_THE_CONNECTION = (b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization")


class Refusal(Exception):
    """An answer of the proxy itself: its status and its text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text

    def answer(self) -> bytes:
        """Return the bytes of the answer. Its text is the reason too, as most clients show only that."""
        text = f"jobmock's proxy: {self.text}"
        body = f"{text}\n".encode()
        head = (
            f"HTTP/1.1 {self.status} {text}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode("ascii", "replace") + body


class ProxyRequest(NamedTuple):
    """The head of a request, and what came after it. With `tunnel`, the method is CONNECT."""

    tunnel: bool
    host: str
    port: int
    head: bytes
    rest: bytes

    @property
    def place(self) -> str:
        """Host and port as one text."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def head_for_server(self, *, path_only: bool, credentials: str | None = None) -> bytes:
        """Return the head that is sent on. It asks the server to close the connection after the answer.

        So no second request comes on it, which might be for another host.
        """
        first, *lines = self.head.rstrip(b"\r\n").split(b"\r\n")
        method, target, version = first.split(b" ")
        if path_only:
            target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
        kept = [line for line in lines if line.partition(b":")[0].strip().lower() not in _OF_THE_CONNECTION]
        more = [b"Connection: close"]
        if credentials is not None:
            more.append(f"Proxy-Authorization: {credentials}".encode())
        return b"\r\n".join([b" ".join((method, target, version)), *kept, *more, b"", b""])


def parse_request(data: bytes) -> ProxyRequest | None:
    """Return the request that these bytes begin with; None if its head isn't complete. Raises Refusal."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        if len(data) > MOST_HEAD:
            raise Refusal(431, f"The head of a request has at most {MOST_HEAD} bytes.")
        return None
    try:
        method, target, version = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
    except ValueError:
        raise Refusal(400, "This is no request of HTTP/1.1.") from None
    if not version.startswith("HTTP/1."):
        raise Refusal(400, "This is no request of HTTP/1.1.")
    tunnel = method == "CONNECT"
    host, port = _place(f"//{target}" if tunnel else target, tunnel=tunnel)
    return ProxyRequest(tunnel, host, port, head + end, rest)


def _place(target: str, *, tunnel: bool) -> tuple[str, int]:
    """Return host and port of a target. Raises Refusal."""
    try:
        parts = urlsplit(target)
        host, port = (parts.hostname or "").removesuffix("."), parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        host, port = "", None
    if host and port and (tunnel or parts.scheme == "http"):
        return host, port
    if tunnel:
        raise Refusal(400, f"CONNECT needs a host and a port, such as {apis.load(apis.EXAMPLE).host}:443.")
    raise Refusal(400, "This is a proxy: it takes CONNECT, and requests whose target begins with http://.")
