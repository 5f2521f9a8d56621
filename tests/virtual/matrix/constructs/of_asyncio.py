"""Module asyncio: whatever a loop waits for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.ground import Ground

LOOP = "asyncio"
CHILD = Real("another process does the work", 1.4)
OLDER = Real("a loop older than virtual time does the work", 1.4)
WORKER = frozenset({"worker"})
MODULE_LOOP = frozenset({"loop"})
SYNC = ("main", "thread", "pool", "done_callback", "timer", "older")
NO_LOOP_IN_A_LOOP = "a loop can't be run in a loop"


async def _times_out(at: Ground, wait: Awaitable[Any], seconds: float = 62) -> None:
    try:
        await asyncio.wait_for(wait, at.span(seconds))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP)
async def sleep(at: Ground) -> None:
    """`asyncio.sleep`"""
    await asyncio.sleep(at.span(62))


@construct(Exact(0), kind=LOOP)
async def sleep_nothing(at: Ground) -> None:
    """`asyncio.sleep(0)`"""
    await asyncio.sleep(0)


@construct(Exact(30), kind=LOOP)
async def blocking_sleep(at: Ground) -> None:
    """`time.sleep` in a coroutine, beside `asyncio.sleep`"""
    other = asyncio.ensure_future(asyncio.sleep(at.span(10)))
    await asyncio.sleep(0)
    time.sleep(at.span(30))
    await other


@construct(Exact(62), kind=LOOP)
async def wait_for(at: Ground) -> None:
    """`wait_for(…, 62)`"""
    await _times_out(at, asyncio.sleep(at.span(1000)))


@construct(Exact(62), kind=LOOP)
async def timeout(at: Ground) -> None:
    """`asyncio.timeout(62)`"""
    try:
        async with asyncio.timeout(at.span(62)):
            await asyncio.sleep(at.span(1000))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP)
async def timeout_at(at: Ground) -> None:
    """`asyncio.timeout_at(loop.time() + 62)`"""
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + at.span(62)):
            await asyncio.Event().wait()
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP, elsewhere={"older": Real("the thread is older than virtual time", 0.3)})
async def timeout_tie(at: Ground) -> None:
    """`wait_for(Event.wait(), 62)`, set at the same moment by a thread: it goes first"""
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    at.later(62 if at.virtual else 30, lambda: loop.call_soon_threadsafe(event.set))
    await asyncio.wait_for(event.wait(), at.span(62))


@construct(Exact(10, until=10), kind=LOOP)
async def wait(at: Ground) -> None:
    """`asyncio.wait(…, timeout=10)`"""
    tasks = [asyncio.ensure_future(asyncio.sleep(at.span(1000))) for _ in range(2)]
    done, left = await asyncio.wait(tasks, timeout=at.span(10))
    at.holds((len(done), len(left)) == (0, 2), f"{len(done)} done")


@construct(Exact(60), kind=LOOP)
async def as_completed(at: Ground) -> None:
    """`as_completed` of 60, 10 and 30 s"""
    naps = [asyncio.sleep(at.span(seconds), seconds) for seconds in (60, 10, 30)]
    order = [await one for one in asyncio.as_completed(naps)]
    at.holds(order == [10, 30, 60], f"in the order {order}")


@construct(Exact(62), kind=LOOP)
async def as_completed_timeout(at: Ground) -> None:
    """`as_completed(…, timeout=62)`"""
    try:
        for one in asyncio.as_completed([asyncio.sleep(at.span(1000))], timeout=at.span(62)):
            await one
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(60), kind=LOOP)
async def gather(at: Ground) -> None:
    """`gather` of 60, 10 and 30 s"""
    await asyncio.gather(*(asyncio.sleep(at.span(seconds)) for seconds in (60, 10, 30)))


@construct(Exact(60), kind=LOOP)
async def task_group(at: Ground) -> None:
    """`TaskGroup` of 60, 10 and 30 s"""
    async with asyncio.TaskGroup() as group:
        for seconds in (60, 10, 30):
            group.create_task(asyncio.sleep(at.span(seconds)))


@construct(Exact(62), kind=LOOP)
async def event(at: Ground) -> None:
    """`Event.wait` in `wait_for(…, 62)`"""
    await _times_out(at, asyncio.Event().wait())


@construct(Exact(62), kind=LOOP)
async def condition(at: Ground) -> None:
    """`Condition.wait` in `wait_for(…, 62)`"""
    condition = asyncio.Condition()
    async with condition:
        await _times_out(at, condition.wait())


@construct(Exact(62), kind=LOOP)
async def queue(at: Ground) -> None:
    """`Queue.get` in `wait_for(…, 62)`"""
    await _times_out(at, asyncio.Queue[int]().get())


@construct(Exact(62), kind=LOOP)
async def semaphore(at: Ground) -> None:
    """`Semaphore.acquire` in `wait_for(…, 62)`"""
    await _times_out(at, asyncio.Semaphore(0).acquire())


@construct(Exact(62), kind=LOOP)
async def lock(at: Ground) -> None:
    """`Lock.acquire` in `wait_for(…, 62)`"""
    lock = asyncio.Lock()
    await lock.acquire()
    await _times_out(at, lock.acquire())


@construct(Exact(30), kind=LOOP)
async def queue_join(at: Ground) -> None:
    """`Queue.join`, a job of 30 s"""
    jobs = asyncio.Queue[int]()

    async def work() -> None:
        await jobs.get()
        await asyncio.sleep(at.span(30))
        jobs.task_done()

    jobs.put_nowait(1)
    worker = asyncio.ensure_future(work())
    await jobs.join()
    await worker


@construct(Exact(45), kind=LOOP)
async def call_later(at: Ground) -> None:
    """`call_later(45, …)`"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.call_later(at.span(45), called.set_result, None)
    await called


@construct(Exact(45), kind=LOOP)
async def call_at(at: Ground) -> None:
    """`call_at(loop.time() + 45, …)`"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.call_at(loop.time() + at.span(45), called.set_result, None)
    await called


@construct(Exact(62), kind=LOOP)
async def loop_time(at: Ground) -> None:
    """`loop.time()`"""
    loop = asyncio.get_running_loop()
    before = loop.time()
    await asyncio.sleep(at.span(62))
    at.tells(loop.time() - before, 62)
    at.holds(abs(loop.time() - time.monotonic()) < (0.000001 if at.virtual else 1), "it isn't time.monotonic")
