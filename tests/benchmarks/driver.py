"""A driver without installing: `python -m tests.benchmarks.driver URL HEADERS SECONDS CONNECTIONS` → one line of JSON.

Each connection asks again as soon as its answer is whole; answers are read by httptools, on uvloop.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httptools
import uvloop

_LATE = 30


class Connection(asyncio.Protocol):
    """One connection; `took` are the seconds of its answers, `wrong` the statuses that are no 200."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request, self._until = request, until
        self._parser = httptools.HttpResponseParser(self)
        self.took: list[float] = []
        self.wrong: list[int] = []
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Note the answer, and ask again while there is time."""
        self.took.append(time.perf_counter() - self._began)
        if self._parser.get_status_code() != 200:
            self.wrong.append(self._parser.get_status_code())
        if time.perf_counter() < self._until:
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
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"{name}: {value}" for name, value in {"Host": parts.netloc, **headers}.items()]
    return "\r\n".join([f"GET {target} HTTP/1.1", *lines, "", ""]).encode()


async def asked(url: str, headers: Mapping[str, str], seconds: float, connections: int) -> dict[str, float]:
    """Ask for so long on so many connections; return the members of a `Load`. Ends with 1 unless all are 200."""
    loop, place = asyncio.get_running_loop(), urlsplit(url)
    host, port = str(place.hostname), int(place.port or 80)
    request, began = _request(url, headers), time.perf_counter()
    made = [
        await loop.create_connection(lambda: Connection(request, began + seconds), host, port)
        for _ in range(connections)
    ]
    protocols = [protocol for _, protocol in made]
    await asyncio.wait_for(asyncio.gather(*(protocol.over for protocol in protocols)), seconds + _LATE)
    took = sorted(one for protocol in protocols for one in protocol.took)
    if wrong := sorted({status for protocol in protocols for status in protocol.wrong}):
        raise SystemExit(f"Not every answer of {url} is a 200, but: {wrong}")
    if not took:
        raise SystemExit(f"{url} answered nothing.")
    half, most = took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000
    return {"requests": len(took), "seconds": time.perf_counter() - began, "p50": half, "p99": most}


if __name__ == "__main__":
    uvloop.install()
    wanted = sys.argv[1:]
    print(json.dumps(asyncio.run(asked(wanted[0], json.loads(wanted[1]), float(wanted[2]), int(wanted[3])))))
