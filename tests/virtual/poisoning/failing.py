"""Tests that fail, are interrupted, run into a time limit or are refused, while something else is at work."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from tests.virtual.poisoning.poisons import TERMINAL, ask, client, poison
from tests.virtual.poisoning.session import SESSION

_LONG = 3_600.0
_LIMIT = '@pytest.mark.timeout(0.7, method="signal")'


class Planted(Exception):
    """The error of a test that fails on purpose."""


@poison("failed")
def fails_after_polls(mock: Any, rng: Random) -> None:
    job = mock.play("usual")
    with client(mock, rng) as http:
        for _ in range(rng.randrange(200)):
            if ask(http, mock, job.id) in TERMINAL:
                break
            time.sleep(5)
    raise Planted


@poison("failed")
def fails_beside_threads(mock: Any, rng: Random) -> None:
    for _ in range(rng.randrange(1, 4)):
        threading.Thread(target=time.sleep, args=[_LONG], daemon=True).start()
    time.sleep(rng.uniform(0, 100))
    raise Planted


@poison("failed")
def fails_in_a_loop(mock: Any, rng: Random) -> None:
    async def failing() -> None:
        others = [asyncio.create_task(asyncio.sleep(_LONG)) for _ in range(3)]
        await asyncio.sleep(rng.uniform(0, 100))
        await asyncio.to_thread(time.sleep, 1)
        raise Planted(others)

    asyncio.run(failing())


@poison("failed")
def fails_in_a_pool(mock: Any, rng: Random) -> None:
    seconds = rng.uniform(0, 100)

    def failing() -> None:
        time.sleep(seconds)
        raise Planted

    jobs = [pool.submit(failing) for pool in (SESSION.pool, ThreadPoolExecutor(1))]
    for job in jobs:
        job.result()


@poison("failed")
def fails_on_the_run_s_loop(mock: Any, rng: Random) -> None:
    async def failing() -> None:
        await asyncio.sleep(rng.uniform(0, 500))
        raise Planted

    SESSION.session_loop.run_until_complete(failing())


@poison("failed")
def fails_for_a_refused_call(mock: Any, rng: Random) -> None:
    signal.sigwait([signal.SIGUSR2])


@poison("failed", weight=2)
def fails_for_a_call_that_really_waits(mock: Any, rng: Random) -> None:
    ends = os.pipe()
    try:
        os.readv(ends[0], [bytearray(1)])
    finally:
        for end in ends:
            os.close(end)


@poison("failed", weight=2)
def fails_beside_a_thread_that_really_waits(mock: Any, rng: Random) -> None:
    reader, writer = os.pipe()
    SESSION.checks.append(lambda: os.close(writer))
    threading.Thread(target=os.readv, args=[reader, [bytearray(1)]], daemon=True).start()
    threading.Event().wait()


@poison("failed", weight=2)
def fails_without_an_end(mock: Any, rng: Random) -> None:
    while True:
        time.sleep(_LONG)


@poison("failed")
def interrupted_at_work(mock: Any, rng: Random) -> None:
    time.sleep(rng.uniform(0, 100))
    raise KeyboardInterrupt


@poison("failed")
def interrupted_in_a_loop(mock: Any, rng: Random) -> None:
    async def interrupted() -> None:
        await asyncio.gather(asyncio.sleep(_LONG), _interrupt(rng.uniform(0, 100)))

    asyncio.run(interrupted())


@poison("failed")
def interrupted_on_the_run_s_loop(mock: Any, rng: Random) -> None:
    SESSION.session_loop.run_until_complete(_interrupt(rng.uniform(0, 100)))


@poison("failed")
def interrupted_in_a_sleep(mock: Any, rng: Random) -> None:
    _signalled(rng, lambda: time.sleep(_LONG))


@poison("failed")
def interrupted_in_a_wait(mock: Any, rng: Random) -> None:
    _signalled(rng, threading.Event().wait)


@poison("failed")
def interrupted_in_a_pool(mock: Any, rng: Random) -> None:
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(time.sleep, 500) for _ in range(3)]
        _signalled(rng, jobs[0].result)


@poison("failed")
def interrupted_while_a_child_works(mock: Any, rng: Random) -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as child:
        try:
            threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGINT]).start()
            _signalled(rng, child.wait, seconds=0.1)
        finally:
            child.kill()


@poison("failed or error", _LIMIT, weight=1)
def times_out_at_work(mock: Any, rng: Random) -> None:
    time.sleep(rng.uniform(0, 100))
    while True:
        sum(range(1_000))


@poison("failed or error", _LIMIT, weight=1)
def times_out_waiting_for_a_child(mock: Any, rng: Random) -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as child:
        try:
            child.wait()
        finally:
            child.kill()


@poison("failed or error", _LIMIT, weight=1)
def times_out_polling(mock: Any, rng: Random) -> None:
    job = mock.play("usual")
    with client(mock, rng) as http:
        while ask(http, mock, job.id):
            time.sleep(0.01)


@poison("failed or error", _LIMIT, weight=1)
def times_out_in_a_loop(mock: Any, rng: Random) -> None:
    async def turning() -> None:
        while True:
            await asyncio.sleep(0.01)

    asyncio.run(turning())


@poison("failed or error", _LIMIT, weight=1)
def times_out_waiting_for_an_older_thread(mock: Any, rng: Random) -> None:
    asyncio.run_coroutine_threadsafe(asyncio.sleep(2), SESSION.background_loop).result()


@poison("error", fixtures=("frozen",))
def refused_for_a_fixture(mock: Any, rng: Random) -> None:
    raise AssertionError("It can't begin.")


@poison("error", '@pytest.mark.freeze_time("2026-01-01")')
def refused_for_a_marker(mock: Any, rng: Random) -> None:
    raise AssertionError("It can't begin.")


async def _interrupt(seconds: float) -> None:
    await asyncio.sleep(seconds)
    raise KeyboardInterrupt


def _signalled(rng: Random, wait: Any, seconds: float | None = None) -> None:
    """Wait, and get SIGINT meanwhile, with a handler that raises KeyboardInterrupt also in a worker of xdist."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if seconds is None:
            threading.Timer(rng.uniform(0, 100), os.kill, [os.getpid(), signal.SIGINT]).start()
        wait()
    finally:
        signal.signal(signal.SIGINT, before)
