"""A minimal HTTP/1.1 client that reports how much of each answer came."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

_MAX_HEAD = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came back for a request; it is `complete` with a head and as many bytes as Content-Length says."""

    status: int = 0
    body: bytes = b""
    complete: bool = False
    bytes_seen: int = 0


class Connection:
    """One keep-alive connection to a server on loopback."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Connection:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=_MAX_HEAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def request(self, method: str, path: str, key: str, body: bytes = b"") -> Outcome:
        """Send one request and read its answer, or the part that came before the connection ended."""
        assert self._reader
        assert self._writer
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {key}\r\n{length}\r\n"
        try:
            self._writer.write(head.encode() + body)
            await self._writer.drain()
        except OSError:
            return Outcome()
        return await self._answer(self._reader)

    async def _answer(self, reader: asyncio.StreamReader) -> Outcome:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            return Outcome(bytes_seen=len(error.partial))
        except OSError:
            return Outcome()
        status = int(head.split(b" ", 2)[1])
        lines = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if line)
        length = int(lines[b"content-length"])
        try:
            body = await reader.readexactly(length)
        except asyncio.IncompleteReadError as error:
            return Outcome(status=status, bytes_seen=len(head) + len(error.partial))
        except OSError:
            return Outcome(status=status, bytes_seen=len(head))
        return Outcome(status=status, body=body, complete=True, bytes_seen=len(head) + length)
