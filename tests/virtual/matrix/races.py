"""Races that virtual time once lost now and then. Each is run many times and must never be lost."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from tests.support import EPOCH
from tests.virtual.matrix import runner
from tests.virtual.matrix.cell_run import real_seconds
from tests.virtual.matrix.child_functions import nap

from jobmock.clock import SECOND, Clock
from jobmock.virtual import virtual_time

BATCH, LIMIT = 10, 30.0
Race = Callable[[Clock], list[str]]
"""A function that runs once in virtual time, and returns what went wrong."""


def _check_clock(clock: Clock, seconds: float, what: str) -> list[str]:
    return [] if clock.elapsed == seconds * SECOND else [f"{what} at {clock.elapsed / SECOND:g} s, not {seconds:g}"]


def _run_in_loop(wait: Callable[[], Awaitable[Any]]) -> list[str]:
    """Run a coroutine function in a loop; a TimeoutError is a race that was lost."""
    async def main() -> None:
        await wait()

    try:
        asyncio.run(main())
    except TimeoutError:
        return ["a timeout went first"]
    return []


def child_in_time(clock: Clock) -> list[str]:
    """An asyncio subprocess that ends long before its timeout"""

    async def wait() -> None:
        child = await asyncio.create_subprocess_exec("sleep", "0.03", stdout=asyncio.subprocess.PIPE)
        await asyncio.wait_for(child.communicate(), 5)

    return _run_in_loop(wait) + ([] if clock.elapsed < SECOND else _check_clock(clock, 0, "it ended"))


def child_too_slow(clock: Clock) -> list[str]:
    """An asyncio subprocess that runs longer than its timeout, which takes as much real time as it says"""
    found: list[str] = []

    async def main() -> None:
        child = await asyncio.create_subprocess_exec("sleep", "30")
        began = real_seconds()
        try:
            await asyncio.wait_for(child.wait(), 0.2)
            found.append("no timeout")
        except TimeoutError:
            took = real_seconds() - began
            found.extend([f"a timeout after {took:.3f} real s"] if took < 0.19 else [])
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()

    asyncio.run(main())
    return found


def tie_of_a_thread(clock: Clock) -> list[str]:
    """What a thread does at the very moment of a loop's timeout goes first"""

    async def wait() -> None:
        loop, event = asyncio.get_running_loop(), asyncio.Event()

        def work() -> None:
            time.sleep(5)
            loop.call_soon_threadsafe(event.set)

        threading.Thread(target=work).start()
        await asyncio.wait_for(event.wait(), 5)

    return _run_in_loop(wait) + _check_clock(clock, 5, "it ended")


def tie_of_an_event(clock: Clock) -> list[str]:
    """An Event that a thread sets at the very moment of its wait's timeout is set"""
    event = threading.Event()

    def work() -> None:
        time.sleep(5)
        event.set()

    threading.Thread(target=work).start()
    return ([] if event.wait(5) else ["a timeout went first"]) + _check_clock(clock, 5, "it ended")


def tie_of_an_executor(clock: Clock) -> list[str]:
    """A job of an executor that ends at the very moment of the loop's timeout goes first"""

    async def wait() -> None:
        await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(None, nap, 5), 5)

    return _run_in_loop(wait) + _check_clock(clock, 5, "it ended")


def tie_of_a_result(clock: Clock) -> list[str]:
    """`result(timeout=5)` of a pool's job of 5 s has the result"""
    found: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(nap, 5).result(timeout=5)
        except TimeoutError:
            found.append("a timeout went first")
    return found + _check_clock(clock, 5, "it ended")


def joined_is_dead(clock: Clock) -> list[str]:
    """A thread that was joined in time isn't alive"""
    thread = threading.Thread(target=nap, args=(5,))
    thread.start()
    thread.join(10)
    return (["it is alive"] if thread.is_alive() else []) + _check_clock(clock, 5, "it was joined")


def watched_is_dead(clock: Clock) -> list[str]:
    """So is one that is joined again and again, 2 s each"""
    thread = threading.Thread(target=nap, args=(5,))
    thread.start()
    for _ in range(3):
        thread.join(2)
    return (["it is alive"] if thread.is_alive() else []) + _check_clock(clock, 5, "it ended")


def tie_of_a_join(clock: Clock) -> list[str]:
    """A thread that ends at the very moment of its join's timeout isn't alive"""
    thread = threading.Thread(target=nap, args=(5,))
    thread.start()
    thread.join(5)
    return (["it is alive"] if thread.is_alive() else []) + _check_clock(clock, 5, "it ended")


def run_ends_with_its_thread(clock: Clock) -> list[str]:
    """A run whose `to_thread` of 100 s timed out after 12 s ends at 100 s"""
    found: list[str] = []

    async def main() -> None:
        try:
            async with asyncio.timeout(12):
                await asyncio.to_thread(nap, 100)
            found.append("no timeout")
        except TimeoutError:
            found.extend(_check_clock(clock, 12, "a timeout"))

    asyncio.run(main())
    return found + _check_clock(clock, 100, "the run ended")


RACES: dict[str, Race] = {
    race.__name__: race
    for race in (
        child_in_time, child_too_slow, tie_of_a_thread, tie_of_an_event, tie_of_an_executor, tie_of_a_result,
        tie_of_a_join, joined_is_dead, watched_is_dead, run_ends_with_its_thread,
    )
}  # fmt: skip


def run(times: int, jobs: int = 4) -> Iterator[tuple[str, list[str]]]:
    """Run each race so many times; yield its name and what went wrong, once for each lost run."""
    batches = [(name, min(BATCH, times - done)) for name in RACES for done in range(0, times, BATCH)]
    for (name, number), report in runner.run_parallel(batches, lambda batch: _batch(*batch), jobs, LIMIT):
        if report["end"] == "raced":
            yield from ((name, lost) for lost in report["lost"])
        else:
            message = report.get("message") or report["errors"][0]
            yield from ((name, [f"{report['end']}: {message}"]) for _ in range(number))


def _batch(name: str, times: int) -> Callable[[int], None]:
    def work(writing: int) -> None:
        lost = [found for _ in range(times) if (found := _once(RACES[name]))]
        os.write(writing, json.dumps({"end": "raced", "lost": lost}).encode() + b"\n")

    return work


def _once(race: Race) -> list[str]:
    clock = Clock("manual", start=EPOCH)
    try:
        with virtual_time(clock):
            return race(clock)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
