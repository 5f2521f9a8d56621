"""The first answers over TCP: no virtual time passes before them, on new and reused connections, in any client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import anyio
import httpx
from anyio._backends._trio import TestRunner
from tests.campaigns.reporting import Report, progress_bar, scaled

from jobmock import apis
from jobmock.strategies.harness import Harness

RUNS, CONNECTIONS, ANSWERS = 300, 2, 3
STATUS = "/api/search/deep_research/none"


def send_requests(settings: dict[str, Any]) -> None:
    """Send requests in the calling thread."""
    for _ in range(CONNECTIONS):
        with httpx.Client(**settings) as http:
            for _ in range(ANSWERS):
                http.get(STATUS)


async def send_in_a_loop(settings: dict[str, Any]) -> None:
    """Send requests in a task."""
    for _ in range(CONNECTIONS):
        async with httpx.AsyncClient(**settings) as http:
            for _ in range(ANSWERS):
                await http.get(STATUS)


async def send_in_a_worker(settings: dict[str, Any]) -> None:
    """Send requests in a worker thread of the loop, which earlier runs may have used, and in a task beside it."""
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.to_thread.run_sync, send_requests, settings)
        group.start_soon(send_in_a_loop, settings)


def in_guest_mode(settings: dict[str, Any]) -> None:
    """Send requests in Trio as anyio's pytest plugin runs it."""
    with TestRunner() as runner:
        runner.run_test(send_in_a_loop, {"settings": settings})


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng, loop = Report("first-answers"), Random(seed), asyncio.new_event_loop()
    clients: dict[str, Callable[[dict[str, Any]], Any]] = {
        "thread": send_requests,
        "asyncio": lambda settings: anyio.run(send_in_a_loop, settings),
        "trio": lambda settings: anyio.run(send_in_a_loop, settings, backend="trio"),
        "trio as a guest": in_guest_mode,
        "an older loop": lambda settings: loop.run_until_complete(send_in_a_loop(settings)),
        "an older loop's worker": lambda settings: loop.run_until_complete(send_in_a_worker(settings)),
        "trio's worker": lambda settings: anyio.run(send_in_a_worker, settings, backend="trio"),
    }
    runs = scaled(RUNS, fraction, least=len(clients))
    for number in progress_bar(range(runs), "first-answers"):
        name = list(clients)[number % len(clients)]
        harness = Harness(apis.load("clado"))
        with harness.open():
            url = harness.url.replace("127.0.0.1", rng.choice(["127.0.0.1", "localhost"]))
            headers = {"Authorization": f"Bearer {harness.api_key}"}
            clients[name]({"base_url": url, "headers": headers, "trust_env": False, "verify": False})
            report.check(harness.clock.elapsed == 0, name, f"{harness.clock.elapsed} ns passed")
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    return report.end(f"{runs} runs, {CONNECTIONS * ANSWERS} answers each")
