"""Module asyncio: sleeps, timeouts, locks, queues and callbacks of a loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

LOOP = "asyncio"
CHILD = Real("another process does the work", 1.4)
OLDER = Real("a loop older than virtual time does the work", 1.4)
WORKER = frozenset({"worker"})
MODULE_LOOP = frozenset({"loop"})
SYNC = ("main", "thread", "pool", "done_callback", "timer", "older")
NO_LOOP_IN_A_LOOP = "a loop can't be run in a loop"


async def _times_out(cell: CellRun, wait: Awaitable[Any], seconds: float = 62) -> None:
    try:
        await asyncio.wait_for(wait, cell.scale(seconds))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP)
async def sleep(cell: CellRun) -> None:
    """`asyncio.sleep`"""
    await asyncio.sleep(cell.scale(62))


@construct(Exact(0), kind=LOOP)
async def sleep_nothing(cell: CellRun) -> None:
    """`asyncio.sleep(0)`"""
    await asyncio.sleep(0)


@construct(Exact(30), kind=LOOP)
async def blocking_sleep(cell: CellRun) -> None:
    """`time.sleep` in a coroutine, beside `asyncio.sleep`"""
    other = asyncio.ensure_future(asyncio.sleep(cell.scale(10)))
    await asyncio.sleep(0)
    time.sleep(cell.scale(30))
    await other


@construct(Exact(62), kind=LOOP)
async def wait_for(cell: CellRun) -> None:
    """`wait_for(…, 62)`"""
    await _times_out(cell, asyncio.sleep(cell.scale(1000)))


@construct(Exact(62), kind=LOOP)
async def timeout(cell: CellRun) -> None:
    """`asyncio.timeout(62)`"""
    try:
        async with asyncio.timeout(cell.scale(62)):
            await asyncio.sleep(cell.scale(1000))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP)
async def timeout_at(cell: CellRun) -> None:
    """`asyncio.timeout_at(loop.time() + 62)`"""
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + cell.scale(62)):
            await asyncio.Event().wait()
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP, by_place={"older": Real("the thread is older than virtual time", 0.3)})
async def timeout_tie(cell: CellRun) -> None:
    """`wait_for(Event.wait(), 62)`, set at the same moment by a thread: it goes first"""
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    cell.run_after(62 if cell.virtual else 30, lambda: loop.call_soon_threadsafe(event.set))
    await asyncio.wait_for(event.wait(), cell.scale(62))


@construct(Exact(10, until=10), kind=LOOP)
async def wait(cell: CellRun) -> None:
    """`asyncio.wait(…, timeout=10)`"""
    tasks = [asyncio.ensure_future(asyncio.sleep(cell.scale(1000))) for _ in range(2)]
    done, left = await asyncio.wait(tasks, timeout=cell.scale(10))
    cell.expect((len(done), len(left)) == (0, 2), f"{len(done)} done")


@construct(Exact(60), kind=LOOP)
async def as_completed(cell: CellRun) -> None:
    """`as_completed` of 60, 10 and 30 s"""
    naps = [asyncio.sleep(cell.scale(seconds), seconds) for seconds in (60, 10, 30)]
    order = [await one for one in asyncio.as_completed(naps)]
    cell.expect(order == [10, 30, 60], f"in the order {order}")


@construct(Exact(62), kind=LOOP)
async def as_completed_timeout(cell: CellRun) -> None:
    """`as_completed(…, timeout=62)`"""
    try:
        for one in asyncio.as_completed([asyncio.sleep(cell.scale(1000))], timeout=cell.scale(62)):
            await one
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(60), kind=LOOP)
async def gather(cell: CellRun) -> None:
    """`gather` of 60, 10 and 30 s"""
    await asyncio.gather(*(asyncio.sleep(cell.scale(seconds)) for seconds in (60, 10, 30)))


@construct(Exact(60), kind=LOOP)
async def task_group(cell: CellRun) -> None:
    """`TaskGroup` of 60, 10 and 30 s"""
    async with asyncio.TaskGroup() as group:
        for seconds in (60, 10, 30):
            group.create_task(asyncio.sleep(cell.scale(seconds)))


@construct(Exact(62), kind=LOOP)
async def event(cell: CellRun) -> None:
    """`Event.wait` in `wait_for(…, 62)`"""
    await _times_out(cell, asyncio.Event().wait())


@construct(Exact(62), kind=LOOP)
async def condition(cell: CellRun) -> None:
    """`Condition.wait` in `wait_for(…, 62)`"""
    condition = asyncio.Condition()
    async with condition:
        await _times_out(cell, condition.wait())


@construct(Exact(62), kind=LOOP)
async def queue(cell: CellRun) -> None:
    """`Queue.get` in `wait_for(…, 62)`"""
    await _times_out(cell, asyncio.Queue[int]().get())


@construct(Exact(62), kind=LOOP)
async def semaphore(cell: CellRun) -> None:
    """`Semaphore.acquire` in `wait_for(…, 62)`"""
    await _times_out(cell, asyncio.Semaphore(0).acquire())


@construct(Exact(62), kind=LOOP)
async def lock(cell: CellRun) -> None:
    """`Lock.acquire` in `wait_for(…, 62)`"""
    lock = asyncio.Lock()
    await lock.acquire()
    await _times_out(cell, lock.acquire())


@construct(Exact(30), kind=LOOP)
async def queue_join(cell: CellRun) -> None:
    """`Queue.join`, a job of 30 s"""
    jobs = asyncio.Queue[int]()

    async def work() -> None:
        await jobs.get()
        await asyncio.sleep(cell.scale(30))
        jobs.task_done()

    jobs.put_nowait(1)
    worker = asyncio.ensure_future(work())
    await jobs.join()
    await worker


@construct(Exact(45), kind=LOOP)
async def call_later(cell: CellRun) -> None:
    """`call_later(45, …)`"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.call_later(cell.scale(45), called.set_result, None)
    await called


@construct(Exact(45), kind=LOOP)
async def call_at(cell: CellRun) -> None:
    """`call_at(loop.time() + 45, …)`"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.call_at(loop.time() + cell.scale(45), called.set_result, None)
    await called


@construct(Exact(62), kind=LOOP)
async def loop_time(cell: CellRun) -> None:
    """`loop.time()`"""
    loop = asyncio.get_running_loop()
    before = loop.time()
    await asyncio.sleep(cell.scale(62))
    cell.expect_seconds(loop.time() - before, 62)
    cell.expect(abs(loop.time() - time.monotonic()) < (0.000001 if cell.virtual else 1), "it isn't time.monotonic")
