"""Tests that pytest-asyncio runs, on the loop of the session, of the module or of the test."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import Any

from tests.virtual.poisoning.failing import Planted
from tests.virtual.poisoning.poisons import poison
from tests.virtual.poisoning.real_time import lasts
from tests.virtual.poisoning.session import SESSION, Heartbeat

_SESSION = '@pytest.mark.asyncio(loop_scope="session")'
_MODULE = '@pytest.mark.asyncio(loop_scope="module")'
_OWN = "@pytest.mark.asyncio"


@poison("passed", _SESSION)
async def leaves_a_heartbeat_on_the_session_s_loop(mock: Any, rng: Random) -> None:
    heartbeat = Heartbeat(asyncio.get_running_loop())
    heartbeat.beat()
    await asyncio.sleep(rng.uniform(0, 100))


@poison("passed", _MODULE)
async def leaves_a_heartbeat_on_the_module_s_loop(mock: Any, rng: Random) -> None:
    heartbeat = Heartbeat(asyncio.get_running_loop())
    heartbeat.beat()
    await asyncio.sleep(rng.uniform(0, 100))


@poison("failed", _SESSION)
async def fails_on_the_session_s_loop(mock: Any, rng: Random) -> None:
    async with asyncio.timeout(rng.uniform(0, 100)):
        await asyncio.sleep(1_000)


@poison("failed", _OWN)
async def fails_on_a_loop_of_its_own(mock: Any, rng: Random) -> None:
    others = [asyncio.create_task(asyncio.sleep(1_000)) for _ in range(3)]
    await asyncio.to_thread(time.sleep, rng.uniform(0, 100))
    raise Planted(others)


@poison("passed", _SESSION)
async def leaves_tasks_on_the_session_s_loop(mock: Any, rng: Random) -> None:
    SESSION.kept.append(asyncio.create_task(asyncio.sleep(100_000)))
    await asyncio.sleep(rng.uniform(0, 100))


async def check_real_time_in_loop() -> None:
    """Check on such a loop that sleeps take real time."""
    with lasts(0.05):
        await asyncio.sleep(0.05)
    with lasts(0.05):
        await asyncio.to_thread(time.sleep, 0.05)
