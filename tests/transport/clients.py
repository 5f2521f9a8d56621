"""Sends requests with each library, in threads and event loops, whole and streamed, and notes what a client sees."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import httpx2
import pytest
from tests.support import EPOCH, JOBS, Mock, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service

BASE = "http://jobmock"
LIBRARIES: dict[str, Any] = {"httpx": httpx, "httpx2": httpx2}
WAYS = list(product(LIBRARIES, ("sync", "async")))
EVERY_WAY = pytest.mark.parametrize(("library", "kind"), WAYS, ids=map("-".join, WAYS))
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Seen(NamedTuple):
    """What a client saw: the head of an answer, the received bytes, and the full name of an exception."""

    head: tuple[int, str, list[tuple[bytes, bytes]]] | None = None
    body: bytes = b""
    error: str | None = None
    words: str | None = None


class Asked(NamedTuple):
    """One request: its target, its read timeout, and whether the body is streamed.

    `key` is a bearer key. Where it is empty, a key is in `headers` if there is one.
    """

    url: str
    key: str
    timeout: Any = 10.0
    streamed: bool = False
    method: str = "GET"
    headers: Mapping[str, str] = MappingProxyType({})
    content: bytes | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return {"headers": {**bearer, **self.headers}, "timeout": self.timeout, "content": self.content}


def ask(library: str, kind: str, transport: Any, *requests: Asked) -> list[Seen]:
    """Send requests with one client, over a socket where `transport` is None, and return what it saw of each."""
    module = LIBRARIES[library]
    options = {"trust_env": False, "verify": _NO_TLS, "transport": transport, "base_url": BASE}
    if kind == "sync":
        with module.Client(**options) as client:
            return [_seen(module, client, asked) for asked in requests]

    async def all_of_them() -> list[Seen]:
        async with module.AsyncClient(**options) as client:
            return [await _aseen(module, client, asked) for asked in requests]

    return asyncio.run(all_of_them())


def _seen(module: Any, client: Any, asked: Asked) -> Seen:
    head, parts = None, list[bytes]()
    try:
        if not asked.streamed:
            response = client.request(asked.method, asked.url, **asked.arguments)
            return Seen(_head(response), response.content)
        with client.stream(asked.method, asked.url, **asked.arguments) as response:
            head = _head(response)
            for part in response.iter_raw():
                parts.append(part)
    except module.TransportError as error:
        return Seen(head, b"".join(parts), *_named(error, module))
    return Seen(head, b"".join(parts))


async def _aseen(module: Any, client: Any, asked: Asked) -> Seen:
    head, parts = None, list[bytes]()
    try:
        if not asked.streamed:
            response = await client.request(asked.method, asked.url, **asked.arguments)
            return Seen(_head(response), response.content)
        async with client.stream(asked.method, asked.url, **asked.arguments) as response:
            head = _head(response)
            async for part in response.aiter_raw():
                parts.append(part)
    except module.TransportError as error:
        return Seen(head, b"".join(parts), *_named(error, module))
    return Seen(head, b"".join(parts))


def _head(response: Any) -> tuple[int, str, list[tuple[bytes, bytes]]]:
    """Return status, reason and headers, without the date."""
    assert response.http_version == "HTTP/1.1"
    headers = [header for header in response.headers.raw if header[0].lower() != b"date"]
    return response.status_code, response.reason_phrase, headers


def _named(error: Any, module: Any) -> tuple[str, str]:
    """Return the name and the message of an exception, which must have its request."""
    assert isinstance(error.request, module.Request)
    return f"{type(error).__module__}.{type(error).__name__}", str(error)


def service(catalogue: Catalogue, mode: str = "manual") -> Mock:
    """Return a fresh service whose clocks begin at EPOCH. Real time passes in the mode `real` alone."""
    source = time.monotonic_ns if mode == "real" else lambda: 0
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock(mode, start=EPOCH, source=source))))


def keys(prefix: str) -> Iterator[str]:
    """Yield unused keys."""
    number = 0
    while True:
        number += 1
        yield f"lk_{prefix}{number}"


def faulty(mock: Mock, fault: Any, key: str, **more: Any) -> str:
    """Start a job whose first poll meets the fault, and return the path of its status."""
    script = {"when": {"request": 1}, **fault}
    return f"{JOBS['clado']}/{mock.play('clado', scenario('clado', 'completed', faults=[script], **more), key)}"


def lost(mock: Mock, key: str) -> set[int]:
    """Return the numbers of the key's exchanges with a lost answer."""
    return set(mock.namespace("clado", key).journal.lost)
