"""Time moves to the earliest deadline, as soon as all participants wait."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import httpx
import pytest
from tests.virtual.conftest import KEY, Serve, ServedMock, VirtualTime, run_outside

from jobmock.virtual import VirtualWaits

PRIMES = (31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)


def poll(mock: ServedMock, key: str, interval: float) -> None:
    """Start a job, and poll it to its end with a sync client."""
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as client:
        job = client.post(mock.job, json={"query": "x"}).json()["job_id"]
        while client.get(f"{mock.job}/{job}").json()["status"] != "completed":
            time.sleep(interval)


async def poll_async(mock: ServedMock, key: str, interval: float) -> None:
    """Do the same in an event loop."""
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


def in_threads(mock: ServedMock) -> None:
    together(lambda: poll(mock, "lk_fast", 5), lambda: poll(mock, "lk_slow", 60))


def in_tasks(mock: ServedMock) -> None:
    async def main() -> None:
        await asyncio.gather(poll_async(mock, "lk_fast", 5), poll_async(mock, "lk_slow", 60))

    asyncio.run(main())


def in_both(mock: ServedMock) -> None:
    together(lambda: asyncio.run(poll_async(mock, "lk_fast", 5)), lambda: poll(mock, "lk_slow", 60))


@pytest.mark.parametrize("play", [in_threads, in_tasks, in_both])
def test_a_fast_poller_beside_a_slow_one(serve: Serve, play: Any) -> None:
    """Pollers of 5 s and 60 s side by side make 182 and 17 requests, each exactly at its time, however they are run."""
    with serve("clado/slow") as mock:
        play(mock)
        assert mock.times("lk_fast") == [0, *range(0, 901, 5)]
        assert mock.times("lk_slow") == [0, *range(0, 901, 60)]
        assert mock.now == 900


def test_twenty_threads_for_an_hour() -> None:
    """Twenty threads that sleep for prime intervals over an hour each wake exactly at their own times."""
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


def test_twenty_clients_for_a_quarter_of_an_hour(serve: Serve) -> None:
    """Twenty clients with prime intervals, each with its own key, poll over sockets exactly at their own times."""
    with serve("clado/slow") as mock:
        together(*(lambda step=step: poll(mock, f"lk_p{step}", step) for step in PRIMES))
        for step in PRIMES:
            assert mock.times(f"lk_p{step}") == [0, *range(0, 900 + step, step)]


def test_a_reset_of_the_clock(virtual: VirtualTime) -> None:
    """If the clock goes back to its start, monotonic doesn't, and a thread that sleeps sleeps its whole length."""
    woken = list[float]()

    def sleeper() -> None:
        time.sleep(100)
        woken.append(time.monotonic())

    began = time.monotonic()
    thread = threading.Thread(target=sleeper)
    thread.start()
    time.sleep(60)
    virtual.clock.restart()
    assert virtual.now == 0 and time.monotonic() - began == 60
    time.sleep(10)
    assert time.monotonic() - began == 70
    thread.join()
    assert woken == [began + 100] and virtual.now == 40


def test_a_reset_through_the_control_routes(serve: Serve) -> None:
    """A reset over the control API doesn't change the length of a sleep in a loop."""
    with serve("clado/slow") as mock:

        async def main() -> float:
            began, loop = time.monotonic(), asyncio.get_running_loop()
            sleeping = asyncio.ensure_future(asyncio.sleep(100))
            await asyncio.sleep(60)
            await loop.run_in_executor(None, lambda: httpx.post(f"{mock.url}/__jobmock/reset", headers=KEY))
            await sleeping
            return time.monotonic() - began

        assert asyncio.run(main()) == 100


def test_an_advance_from_outside(virtual: VirtualTime) -> None:
    """A thread whose wait is over wakes when a thread outside advances the clock."""
    event = threading.Event()
    thread = threading.Thread(target=lambda: event.wait(1_000))
    thread.start()
    time.sleep(1)
    run_outside(lambda: virtual.clock.advance(999_000_000_000))
    thread.join()
    assert virtual.now == 1000


def test_a_wait_of_centuries(virtual: VirtualTime) -> None:
    """A wait of centuries, which libraries use instead of no timeout, ends when the event is set."""
    event = threading.Event()
    threading.Timer(5, event.set).start()
    assert event.wait(threading.TIMEOUT_MAX)
    assert virtual.now == 5


def test_waits_for_delayed_answers_in_process(virtual: VirtualTime) -> None:
    """A wait for a delayed answer in process works like a sleep; a clock other than the test's is advanced."""
    from jobmock.clock import Clock

    waits, other = VirtualWaits(), Clock("manual", start=0)
    for clock in (virtual.clock, other):
        waits.until(clock, clock.started + 5)
        asyncio.run(waits.auntil(clock, clock.started + 9))
        assert clock.elapsed == 9
