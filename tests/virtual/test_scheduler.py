"""Time moves to the earliest deadline, once all participants wait; and what is reported when it can't."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import httpx
import pytest
from tests.virtual.conftest import KEY, Elsewhere, Env, Opened

from jobmock.virtual import VirtualWaits

PRIMES = (31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)


def poll(mock: Env, key: str, interval: float) -> None:
    """Start a job, and poll it to its end with a sync client."""
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as client:
        job = client.post(mock.job, json={"query": "x"}).json()["job_id"]
        while client.get(f"{mock.job}/{job}").json()["status"] != "completed":
            time.sleep(interval)


async def apoll(mock: Env, key: str, interval: float) -> None:
    """Do so in an event loop."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as client:
        job = (await client.post(mock.job, json={"query": "x"})).json()["job_id"]
        while (await client.get(f"{mock.job}/{job}")).json()["status"] != "completed":
            await asyncio.sleep(interval)


def together(*functions: Any) -> None:
    """Run functions in threads of their own."""
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_threads(mock: Env) -> None:
    together(lambda: poll(mock, "lk_fast", 5), lambda: poll(mock, "lk_slow", 60))


def in_tasks(mock: Env) -> None:
    async def main() -> None:
        await asyncio.gather(apoll(mock, "lk_fast", 5), apoll(mock, "lk_slow", 60))

    asyncio.run(main())


def in_both(mock: Env) -> None:
    together(lambda: asyncio.run(apoll(mock, "lk_fast", 5)), lambda: poll(mock, "lk_slow", 60))


@pytest.mark.parametrize("play", [in_threads, in_tasks, in_both])
def test_a_fast_poller_beside_a_slow_one(env: Opened, play: Any) -> None:
    """A 5 s poller beside a 60 s one: 181 and 16 polls, each exactly at its time, however the two are run."""
    with env("clado/slow") as mock:
        play(mock)
        assert mock.times("lk_fast") == [0, *range(0, 901, 5)]
        assert mock.times("lk_slow") == [0, *range(0, 901, 60)]
        assert mock.now == 900


def test_twenty_threads_for_an_hour() -> None:
    """Twenty threads with primes as intervals sleep through an hour: each wakes at its own times, five times over."""
    from jobmock.clock import SECOND, Clock
    from jobmock.virtual import virtual_time

    for _ in range(5):
        clock, seen = Clock("manual", start=0), list[tuple[int, float]]()

        def every(interval: int, clock: Clock = clock, seen: list[tuple[int, float]] = seen) -> None:
            for _ in range(3600 // interval):
                time.sleep(interval)
                seen.append((interval, clock.elapsed / SECOND))

        with virtual_time(clock):
            together(*(lambda interval=interval: every(interval) for interval in PRIMES))
        expected = [(step, turn * step) for step in PRIMES for turn in range(1, 3600 // step + 1)]
        assert sorted(seen) == sorted(expected)
        assert [at for _, at in seen] == sorted(at for _, at in seen)


def test_twenty_clients_for_a_quarter_of_an_hour(env: Opened) -> None:
    """So do twenty clients over sockets, each with its own key."""
    with env("clado/slow") as mock:
        together(*(lambda step=step: poll(mock, f"lk_p{step}", step) for step in PRIMES))
        for step in PRIMES:
            assert mock.times(f"lk_p{step}") == [0, *range(0, 900 + step, step)]


def test_a_reset_of_the_clock(still: Env) -> None:
    """When the clock goes back to its start, monotonic doesn't, and each sleep still takes as long as before."""
    woken = list[float]()

    def sleeper() -> None:
        time.sleep(100)
        woken.append(time.monotonic())

    began = time.monotonic()
    thread = threading.Thread(target=sleeper)
    thread.start()
    time.sleep(60)
    still.clock.restart()
    assert still.now == 0 and time.monotonic() - began == 60
    time.sleep(10)
    assert time.monotonic() - began == 70
    thread.join()
    assert woken == [began + 100] and still.now == 40


def test_a_reset_through_the_control_routes(env: Opened) -> None:
    """A reset that a client asks for does the same to one that sleeps in a loop."""
    with env("clado/slow") as mock:

        async def main() -> float:
            began, loop = time.monotonic(), asyncio.get_running_loop()
            sleeping = asyncio.ensure_future(asyncio.sleep(100))
            await asyncio.sleep(60)
            await loop.run_in_executor(None, lambda: httpx.post(f"{mock.url}/__jobmock/reset", headers=KEY))
            await sleeping
            return time.monotonic() - began

        assert asyncio.run(main()) == 100


def test_an_advance_from_outside_wakes(still: Env, elsewhere: Elsewhere) -> None:
    """A sleeping thread wakes when a thread outside virtual time moves the clock."""
    event = threading.Event()
    thread = threading.Thread(target=lambda: event.wait(1_000))
    thread.start()
    time.sleep(1)
    elsewhere(lambda: still.clock.advance(999_000_000_000))
    thread.join()
    assert still.now == 1000


def test_what_is_far_away_is_for_ever(still: Env) -> None:
    """A wait of centuries, as libraries use for no timeout, ends when it is ended."""
    event = threading.Event()
    threading.Timer(5, event.set).start()
    assert event.wait(threading.TIMEOUT_MAX)
    assert still.now == 5


def test_waits_of_answers_in_process(still: Env) -> None:
    """An answer in process is waited for like a sleep; on another clock than the test's, that clock is advanced."""
    from jobmock.clock import Clock

    waits, other = VirtualWaits(), Clock("manual", start=0)
    for clock in (still.clock, other):
        waits.until(clock, clock.started + 5)
        asyncio.run(waits.auntil(clock, clock.started + 9))
        assert clock.elapsed == 9
