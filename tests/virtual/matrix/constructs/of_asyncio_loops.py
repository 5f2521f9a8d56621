"""Module asyncio: loops, their threads and their thread pools."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from functools import partial

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

LOOP = "asyncio"
CHILD = Real("another process does the work", 1.4)
OLDER = Real("a loop older than virtual time does the work", 1.4)
WORKER = frozenset({"worker"})
MODULE_LOOP = frozenset({"loop"})
SYNC = ("main", "thread", "pool", "done_callback", "timer", "older")
NO_LOOP_IN_A_LOOP = "a loop can't be run in a loop"


@construct(Exact(30), kind=LOOP)
async def to_thread(cell: CellRun) -> None:
    """`to_thread` of a function that sleeps 30 s"""
    await asyncio.to_thread(lambda: time.sleep(cell.scale(30)))


@construct(Exact(30), kind=LOOP)
async def to_thread_sleep(cell: CellRun) -> None:
    """`to_thread(time.sleep, 30)`"""
    await asyncio.to_thread(time.sleep, cell.scale(30))


@construct(Exact(12, until=100), kind=LOOP)
async def to_thread_timeout(cell: CellRun) -> None:
    """`asyncio.timeout(12)` around `to_thread` of 100 s; the run ends when that does"""
    try:
        async with asyncio.timeout(cell.scale(12)):
            await asyncio.to_thread(lambda: time.sleep(cell.scale(100)))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(30), kind=LOOP)
async def run_in_executor(cell: CellRun) -> None:
    """`run_in_executor(None, partial(time.sleep, 30))`"""
    await asyncio.get_running_loop().run_in_executor(None, partial(time.sleep, cell.scale(30)))


@construct(Exact(60), kind=LOOP)
async def own_executor(cell: CellRun) -> None:
    """`run_in_executor(pool, time.sleep, 30)`, twice, one worker"""
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, time.sleep, cell.scale(30)) for _ in range(2)))


@construct(Exact(30), kind=LOOP)
async def wrap_future(cell: CellRun) -> None:
    """`wrap_future` of a pool's job"""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        await asyncio.wrap_future(pool.submit(time.sleep, cell.scale(30)))


@construct(Exact(30), kind=LOOP)
async def call_soon_threadsafe(cell: CellRun) -> None:
    """`call_soon_threadsafe` from a thread after 30 s"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    cell.run_after(30, lambda: loop.call_soon_threadsafe(called.set_result, None))
    await called


def _loop_in_a_thread() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


@construct(Exact(30))
def run_coroutine_threadsafe(cell: CellRun) -> None:
    """`run_coroutine_threadsafe(…).result(62)`, a loop in a thread"""
    loop = _loop_in_a_thread()
    asyncio.run_coroutine_threadsafe(asyncio.sleep(cell.scale(30)), loop).result(cell.scale(62))


@construct(Exact(12))
def run_coroutine_threadsafe_timeout(cell: CellRun) -> None:
    """`run_coroutine_threadsafe(…).result(12)` of 30 s"""
    loop = _loop_in_a_thread()
    try:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(cell.scale(30)), loop).result(cell.scale(12))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(OLDER, tools=MODULE_LOOP)
def on_an_older_loop(cell: CellRun) -> None:
    """`run_coroutine_threadsafe(…, older loop).result()`"""
    asyncio.run_coroutine_threadsafe(asyncio.sleep(1.4), cell.loop).result()


@construct(OLDER, tools=MODULE_LOOP)
def on_an_older_loop_in_time(cell: CellRun) -> None:
    """`run_coroutine_threadsafe(…, older loop).result(timeout=20)`"""
    asyncio.run_coroutine_threadsafe(asyncio.sleep(1.4), cell.loop).result(timeout=20)


@construct(Real("a timeout on an older loop", 0.5), tools=MODULE_LOOP)
def on_an_older_loop_too_slow(cell: CellRun) -> None:
    """`run_coroutine_threadsafe(…, older loop).result(timeout=0.5)`"""
    try:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(30), cell.loop).result(timeout=0.5)
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(OLDER, kind=LOOP, tools=MODULE_LOOP)
async def awaiting_an_older_loop(cell: CellRun) -> None:
    """`wait_for(wrap_future(run_coroutine_threadsafe(…, older loop)), 20)`"""
    future = asyncio.run_coroutine_threadsafe(asyncio.sleep(1.4), cell.loop)
    await asyncio.wait_for(asyncio.wrap_future(future), 20)


@construct(Exact(62), places=SYNC, reason=NO_LOOP_IN_A_LOOP)
def run(cell: CellRun) -> None:
    """`asyncio.run`, twice"""
    asyncio.run(asyncio.sleep(cell.scale(30)))
    asyncio.run(asyncio.sleep(cell.scale(32)))


@construct(Exact(62), places=SYNC, reason=NO_LOOP_IN_A_LOOP)
def runner(cell: CellRun) -> None:
    """`asyncio.Runner`"""
    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(cell.scale(30)))
        time.sleep(cell.scale(2))
        runner.run(asyncio.sleep(cell.scale(30)))


@construct(Exact(62), places=SYNC, reason=NO_LOOP_IN_A_LOOP)
def run_until_complete(cell: CellRun) -> None:
    """`new_event_loop().run_until_complete`"""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.sleep(cell.scale(62)))
    loop.close()


_old = asyncio.new_event_loop()


@construct(Exact(62), places=SYNC, reason=NO_LOOP_IN_A_LOOP)
def old_loop(cell: CellRun) -> None:
    """a loop made before, run now"""
    _old.run_until_complete(asyncio.sleep(cell.scale(62)))


@construct(Exact(30), places=SYNC, reason=NO_LOOP_IN_A_LOOP)
def loops_in_threads(cell: CellRun) -> None:
    """`asyncio.run` in two threads at once"""
    threads = [threading.Thread(target=lambda s=s: asyncio.run(asyncio.sleep(cell.scale(s)))) for s in (10, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@construct(Exact(62), kind=LOOP)
async def eager_tasks(cell: CellRun) -> None:
    """tasks that begin at once (`eager_task_factory`), where there are any"""
    loop = asyncio.get_running_loop()
    if hasattr(asyncio, "eager_task_factory"):
        loop.set_task_factory(asyncio.eager_task_factory)
    await asyncio.gather(*(asyncio.create_task(asyncio.sleep(cell.scale(seconds))) for seconds in (10, 62)))


@construct(Exact(62), kind=LOOP)
async def debug(cell: CellRun) -> None:
    """a loop in debug mode"""
    asyncio.get_running_loop().set_debug(True)
    await asyncio.sleep(cell.scale(62))
