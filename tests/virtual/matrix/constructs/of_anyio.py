"""Libraries trio and anyio, the latter on asyncio and on trio."""

from __future__ import annotations

import time
from functools import partial

import anyio
import anyio.to_thread
import trio
from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

BOTH = "asyncio trio"
CHILD = Real("another process does the work", 1.4)


@construct(Exact(62), kind="trio")
async def trio_sleep(cell: CellRun) -> None:
    """`trio.sleep`"""
    await trio.sleep(cell.scale(62))


@construct(Exact(62), kind="trio")
async def trio_sleep_until(cell: CellRun) -> None:
    """`trio.sleep_until(trio.current_time() + 62)`"""
    await trio.sleep_until(trio.current_time() + cell.scale(62))


@construct(Exact(62), kind="trio")
async def trio_fail_after(cell: CellRun) -> None:
    """`trio.fail_after(62)`"""
    try:
        with trio.fail_after(cell.scale(62)):
            await trio.sleep_forever()
    except trio.TooSlowError:
        pass


@construct(Exact(62), kind="trio")
async def trio_move_on_after(cell: CellRun) -> None:
    """`trio.move_on_after(62)`"""
    with trio.move_on_after(cell.scale(62)) as scope:
        await trio.Event().wait()
    cell.expect(scope.cancelled_caught, "it wasn't cancelled")


@construct(Exact(62), kind="trio")
async def trio_nursery(cell: CellRun) -> None:
    """a nursery of two sleeping tasks"""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, cell.scale(62))
        nursery.start_soon(trio.sleep, cell.scale(30))


@construct(Exact(62), kind="trio")
async def trio_current_time(cell: CellRun) -> None:
    """`trio.current_time()`"""
    before = trio.current_time()
    await trio.sleep(cell.scale(62))
    difference = trio.current_time() - before
    cell.expect(abs(difference - cell.scale(62)) < (0.000001 if cell.virtual else 1), "another difference")


@construct(Exact(30), kind="trio")
async def trio_to_thread(cell: CellRun) -> None:
    """`trio.to_thread.run_sync(time.sleep, 30)`"""
    await trio.to_thread.run_sync(time.sleep, cell.scale(30))


@construct(Exact(30), kind="trio")
async def trio_from_thread(cell: CellRun) -> None:
    """`trio.from_thread.run(trio.sleep, 30)` in a thread of Trio's"""
    await trio.to_thread.run_sync(partial(trio.from_thread.run, trio.sleep, cell.scale(30)))


@construct(CHILD, kind="trio")
async def trio_process(cell: CellRun) -> None:
    """`trio.run_process` in `fail_after(20)`"""
    with trio.fail_after(20):
        await trio.run_process(["sleep", "1.4"])


@construct(Real("a timeout on another process", 0.5), kind="trio")
async def trio_process_too_slow(cell: CellRun) -> None:
    """`trio.run_process` in `move_on_after(0.5)`"""
    with trio.move_on_after(0.5) as scope:
        await trio.run_process(["sleep", "30"])
    cell.expect(scope.cancelled_caught, "it wasn't cancelled")


@construct(Exact(62), kind=BOTH)
async def sleep(cell: CellRun) -> None:
    """`anyio.sleep`"""
    await anyio.sleep(cell.scale(62))


@construct(Exact(62), kind=BOTH)
async def fail_after(cell: CellRun) -> None:
    """`anyio.fail_after(62)`"""
    try:
        with anyio.fail_after(cell.scale(62)):
            await anyio.sleep(cell.scale(1000))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=BOTH)
async def move_on_after(cell: CellRun) -> None:
    """`anyio.move_on_after(62)`"""
    with anyio.move_on_after(cell.scale(62)) as scope:
        await anyio.Event().wait()
    cell.expect(scope.cancelled_caught, "it wasn't cancelled")


@construct(Exact(62), kind=BOTH)
async def task_group(cell: CellRun) -> None:
    """`anyio.create_task_group`"""
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, cell.scale(62))
        group.start_soon(anyio.sleep, cell.scale(30))


@construct(Exact(30), kind=BOTH)
async def to_thread(cell: CellRun) -> None:
    """`anyio.to_thread.run_sync(time.sleep, 30)`"""
    await anyio.to_thread.run_sync(time.sleep, cell.scale(30))


@construct(Exact(30), kind=BOTH)
async def to_thread_fail_after(cell: CellRun) -> None:
    """`anyio.to_thread.run_sync(time.sleep, 30)` in `fail_after(62)`"""
    with anyio.fail_after(cell.scale(62)):
        await anyio.to_thread.run_sync(time.sleep, cell.scale(30))


@construct(CHILD, kind=BOTH)
async def run_process(cell: CellRun) -> None:
    """`anyio.run_process` in `fail_after(20)`"""
    with anyio.fail_after(20):
        await anyio.run_process(["sleep", "1.4"])


@construct(Real("a timeout on another process", 0.5), kind=BOTH)
async def run_process_too_slow(cell: CellRun) -> None:
    """`anyio.run_process` in `move_on_after(0.5)`"""
    with anyio.move_on_after(0.5) as scope:
        await anyio.run_process(["sleep", "30"])
    cell.expect(scope.cancelled_caught, "it wasn't cancelled")


@construct(Exact(30), kind=BOTH)
async def memory_stream(cell: CellRun) -> None:
    """a memory object stream, sent to after 30 s"""
    send, receive = anyio.create_memory_object_stream[int](0)

    async def later() -> None:
        await anyio.sleep(cell.scale(30))
        await send.send(7)
        send.close()

    async with anyio.create_task_group() as group:
        group.start_soon(later)
        cell.expect(await receive.receive() == 7, "something else came")
        receive.close()
