"""A load driver in Python: `python -m tests.benchmarks.driver URL HEADERS SECONDS CONNECTIONS` prints a line of JSON.

Each connection sends the next request as soon as its answer is complete. It runs on httptools and uvloop.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools
import uvloop

_LATE = 30


class Tally(NamedTuple):
    """The seconds that each answer took, and the HTTP statuses other than 200."""

    took: list[float]
    wrong: set[int]


class Connection(asyncio.Protocol):
    """One connection; the future `closed` is done when it has ended."""

    def __init__(self, request: bytes, until: float, tally: Tally) -> None:
        self._request, self._until, self._tally = request, until, tally
        self._parser = httptools.HttpResponseParser(self)
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # that of uvloop is of no class of asyncio
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Record the answer, and send the next request while there is time."""
        self._tally.took.append(time.perf_counter() - self._began)
        if self._parser.get_status_code() != 200:
            self._tally.wrong.add(self._parser.get_status_code())
        if time.perf_counter() < self._until and self._parser.should_keep_alive():
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._request)


def request_of(url: str, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a GET."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{name}: {value}" for name, value in {"Host": parts.netloc, **headers}.items()]
    return "\r\n".join([f"GET {target} HTTP/1.1", *lines, "", ""]).encode()


async def _poll_repeatedly(url: str, request: bytes, until: float, tally: Tally) -> None:
    """Send requests until then on one connection; if the server closes it, open the next one."""
    loop, place = asyncio.get_running_loop(), urlsplit(url)
    while time.perf_counter() < until:
        made = loop.create_connection(lambda: Connection(request, until, tally), place.hostname or "", place.port or 80)
        transport, connection = await made
        try:
            await connection.closed
        finally:
            transport.close()


async def drive(url: str, headers: Mapping[str, str], seconds: float, connections: int) -> dict[str, float]:
    """Send one request for so long on so many connections, as `drive_each` does."""
    return await drive_each(url, [request_of(url, headers)] * connections, seconds)


async def drive_each(url: str, requests: Sequence[bytes], seconds: float) -> dict[str, float]:
    """Send each of the requests for so long, on a connection of its own; return the fields of a `Load`.

    Raises SystemExit unless every answer is a 200.
    """
    began, tally = time.perf_counter(), Tally([], set())
    lines = [_poll_repeatedly(url, request, began + seconds, tally) for request in requests]
    await asyncio.wait_for(asyncio.gather(*lines), seconds + _LATE)
    took = sorted(tally.took)
    if tally.wrong:
        raise SystemExit(f"Not every answer of {url} is a 200, but: {sorted(tally.wrong)}")
    if not took:
        raise SystemExit(f"{url} answered nothing.")
    half, most = took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000
    return {"requests": len(took), "seconds": time.perf_counter() - began, "p50": half, "p99": most}


if __name__ == "__main__":
    uvloop.install()
    wanted = sys.argv[1:]
    print(json.dumps(asyncio.run(drive(wanted[0], json.loads(wanted[1]), float(wanted[2]), int(wanted[3])))))
