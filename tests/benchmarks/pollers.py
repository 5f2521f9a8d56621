"""Clients that start a Clado job and poll it every 5 s until it is completed, written as users write them.

Each takes a mock and whether it sleeps, and returns the number of its polls. A client that doesn't sleep advances the
mock's clock instead: it makes the same requests back to back, without virtual time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import requests

if TYPE_CHECKING:
    from pytest_jobmock.mocks.mock import Mock

INTERVAL = 5
_JOBS = "/api/search/deep_research"
_QUERY = {"query": "chemists"}
_NOWHERE = "http://jobmock"


class Poller(NamedTuple):
    """One client: its name, whether it uses TCP, and a function that polls, arguments a mock and whether it sleeps."""

    name: str
    tcp: bool
    poll: Callable[[Mock, bool], int]


def _pause(mock: Mock, sleeps: bool) -> Callable[[], object]:
    return (lambda: time.sleep(INTERVAL)) if sleeps else lambda: mock.clock.advance(INTERVAL)


def _async_pause(mock: Mock, sleeps: bool) -> Callable[[], Awaitable[object]]:
    async def advance() -> None:
        mock.clock.advance(INTERVAL)

    return (lambda: asyncio.sleep(INTERVAL)) if sleeps else advance


def _client_settings(mock: Mock, tcp: bool) -> tuple[str, dict[str, Any]]:
    """Return the URL of the jobs, and the arguments of an httpx or httpx2 client."""
    arguments: dict[str, Any] = {"headers": _key(mock)}
    if not tcp:
        return _NOWHERE + _JOBS, {**arguments, "transport": mock.transport}
    return mock.url + _JOBS, arguments


def _key(mock: Mock) -> dict[str, str]:
    return {"Authorization": f"Bearer {mock.api_key}"}


def _blocking(client: Any, url: str, pause: Callable[[], object]) -> int:
    """Poll with a client whose `get` and `post` block."""
    job, polls = client.post(url, json=_QUERY).json()["job_id"], 1
    while client.get(f"{url}/{job}").json()["status"] != "completed":
        pause()
        polls += 1
    return polls


def httpx_sync(library: str, *, tcp: bool) -> Poller:
    """Return a poller with the `Client` of httpx or httpx2."""
    made = import_module(library).Client

    def poll(mock: Mock, sleeps: bool) -> int:
        url, arguments = _client_settings(mock, tcp)
        with made(**arguments) as client:
            return _blocking(client, url, _pause(mock, sleeps))

    return Poller(f"{library} sync", tcp, poll)


def httpx_async(library: str, *, tcp: bool) -> Poller:
    """Return a poller with the `AsyncClient` of httpx or httpx2, on asyncio."""
    made = import_module(library).AsyncClient

    async def polls(mock: Mock, sleeps: bool) -> int:
        url, arguments = _client_settings(mock, tcp)
        pause, count = _async_pause(mock, sleeps), 1
        async with made(**arguments) as client:
            job = (await client.post(url, json=_QUERY)).json()["job_id"]
            while (await client.get(f"{url}/{job}")).json()["status"] != "completed":
                await pause()
                count += 1
        return count

    return Poller(f"{library} async", tcp, lambda mock, sleeps: asyncio.run(polls(mock, sleeps)))


def _requests(mock: Mock, sleeps: bool) -> int:
    with requests.Session() as session:
        session.headers.update(_key(mock))
        return _blocking(session, mock.url + _JOBS, _pause(mock, sleeps))


async def _aiohttp(mock: Mock, sleeps: bool) -> int:
    pause, count, url = _async_pause(mock, sleeps), 1, mock.url + _JOBS

    async def status(job: str) -> str:
        async with session.get(f"{url}/{job}") as answer:
            return str((await answer.json())["status"])

    async with aiohttp.ClientSession(headers=_key(mock)) as session:
        async with session.post(url, json=_QUERY) as answer:
            job = (await answer.json())["job_id"]
        while await status(job) != "completed":
            await pause()
            count += 1
    return count


POLLERS = (
    *(made(library, tcp=tcp) for tcp in (False, True) for made in (httpx_sync, httpx_async)
      for library in ("httpx", "httpx2")),
    Poller("requests", True, _requests),
    Poller("aiohttp", True, lambda mock, sleeps: asyncio.run(_aiohttp(mock, sleeps))),
)  # fmt: skip
"""All clients; those in process come first."""
