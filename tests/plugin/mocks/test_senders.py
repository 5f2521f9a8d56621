"""Which requests come from the same sender: over a socket its connection, in process its thread or its task."""

from __future__ import annotations

import asyncio
from threading import Thread

import httpx

from pytest_jobmock.mocks.mock import Mock

PATH = "/api/search/deep_research/unknown"


def client(mock: Mock, agent: str = "client/1") -> httpx.Client:
    headers = {"Authorization": f"Bearer {mock.api_key}", "User-Agent": agent}
    return httpx.Client(base_url=mock.url, headers=headers, trust_env=False)


def senders(mock: Mock) -> list[object]:
    return [exchange.connection for exchange in mock.journal]


def test_connections_over_a_socket(clado_mock: Mock) -> None:
    """Requests on one connection have the same sender; those of another client have another one."""
    with client(clado_mock) as one, client(clado_mock) as other:
        for each in (one, one, other, one):
            each.get(PATH)
    first, again, another, last = senders(clado_mock)
    assert first == again == last != another
    assert isinstance(first, tuple) and first[0] == "127.0.0.1"


def test_agents(clado_mock: Mock) -> None:
    """The User-Agent is in the journal, without keys, and at most 120 characters of it."""
    for agent in ("client/1", "client lk_secret9", "x" * 200):
        with client(clado_mock, agent) as http:
            http.get(PATH)
            http.get(PATH)
    assert [one.agent for one in clado_mock.journal] == [
        *["client/1"] * 2, *["client lk_…"] * 2, *["x" * 120] * 2,
    ]  # fmt: skip


def test_threads_in_process(clado_mock: Mock) -> None:
    """In process, each thread is a sender."""
    headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
    with httpx.Client(transport=clado_mock.transport, base_url="http://mock", headers=headers) as http:
        http.get(PATH)
        thread = Thread(target=http.get, args=[PATH])
        thread.start()
        thread.join()
        http.get(PATH)
    first, other, again = senders(clado_mock)
    assert first == again != other


def test_tasks_in_process(clado_mock: Mock) -> None:
    """In process, each task is a sender, also where one takes the place of another in memory."""

    async def run() -> None:
        headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
        async with httpx.AsyncClient(transport=clado_mock.transport, base_url="http://m", headers=headers) as http:
            await http.get(PATH)
            for _ in range(3):
                await asyncio.create_task(http.get(PATH))
            await http.get(PATH)

    asyncio.run(run())
    first, *others, last = senders(clado_mock)
    assert first == last and len({first, *others}) == 4


def test_arrivals_are_real_times(clado_mock: Mock) -> None:
    """Each request has a reading of the real clock, which goes forward, whatever the mock's clock does."""
    with client(clado_mock) as http:
        for _ in range(3):
            http.get(PATH)
            clado_mock.clock.advance(1_000)
    arrived = [exchange.arrived or 0 for exchange in clado_mock.journal]
    assert arrived == sorted(set(arrived)) and arrived[-1] - arrived[0] < 60 * 10**9
