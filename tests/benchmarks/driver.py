"""A driver without installing: `python -m tests.benchmarks.driver URL HEADERS SECONDS CONNECTIONS` → one line of JSON.

Each connection asks again as soon as its answer is whole; answers are read by httptools, on uvloop.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import httptools
import uvloop

_LATE = 30


class Tally(NamedTuple):
    """The seconds that answers took, and the statuses that are no 200."""

    took: list[float]
    wrong: set[int]


class Connection(asyncio.Protocol):
    """One connection; `over` when it has come to its end."""

    def __init__(self, request: bytes, until: float, tally: Tally) -> None:
        self._request, self._until, self._tally = request, until, tally
        self._parser = httptools.HttpResponseParser(self)
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Note the answer, and ask again while there is time."""
        self._tally.took.append(time.perf_counter() - self._began)
        if self._parser.get_status_code() != 200:
            self._tally.wrong.add(self._parser.get_status_code())
        if time.perf_counter() < self._until and self._parser.should_keep_alive():
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _ask(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._request)


def _request(url: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{name}: {value}" for name, value in {"Host": parts.netloc, **headers}.items()]
    return "\r\n".join([f"GET {target} HTTP/1.1", *lines, "", ""]).encode()


async def _one_after_another(url: str, request: bytes, until: float, tally: Tally) -> None:
    """Keep one connection open until then; a server that ends it after each answer is asked on a new one."""
    loop, place = asyncio.get_running_loop(), urlsplit(url)
    while time.perf_counter() < until:
        made = loop.create_connection(lambda: Connection(request, until, tally), place.hostname or "", place.port or 80)
        transport, connection = await made
        try:
            await connection.over
        finally:
            transport.close()


async def asked(url: str, headers: Mapping[str, str], seconds: float, connections: int) -> dict[str, float]:
    """Ask for so long on so many connections; return the members of a `Load`. Ends with 1 unless all are 200."""
    began, tally = time.perf_counter(), Tally([], set())
    request = _request(url, headers)
    lines = [_one_after_another(url, request, began + seconds, tally) for _ in range(connections)]
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
    print(json.dumps(asyncio.run(asked(wanted[0], json.loads(wanted[1]), float(wanted[2]), int(wanted[3])))))
