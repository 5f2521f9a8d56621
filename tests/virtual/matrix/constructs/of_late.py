"""Modules that are first imported inside the test: each cell begins in a fresh interpreter without them."""

from __future__ import annotations

from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, Refused, construct
from tests.virtual.matrix.child_functions import SHORT, nap

CHILD = Real("another process does the work", SHORT)
SYNC = ("main", "thread", "pool", "done_callback", "timer", "older")
NO_LOOP = "a loop can't be run in a loop"
FRESH: dict[str, Any] = {"fresh": True}
ALONE: dict[str, Any] = {"fresh": True, "places": SYNC, "reason": NO_LOOP}


@construct(Exact(62), **FRESH)
def top(cell: CellRun) -> None:
    """a module with `from time import sleep`"""
    from tests.virtual.matrix.late_imports import from_imports

    from_imports.nap(cell.scale(62))


@construct(Exact(62), **FRESH)
def default(cell: CellRun) -> None:
    """a module with `time.sleep` in default arguments and attributes"""
    from tests.virtual.matrix.late_imports import held_functions

    held_functions.nap(cell.scale(30))
    held_functions.Napper().nap(cell.scale(32))


@construct(Exact(62), **FRESH)
def clock(cell: CellRun) -> None:
    """a module with `from time import monotonic`"""
    from tests.virtual.matrix.late_imports import from_imports

    before = from_imports.now()
    from_imports.nap(cell.scale(62))
    cell.expect_seconds(from_imports.now() - before, 62)


@construct(Exact(62), **FRESH)
def lock(cell: CellRun) -> None:
    """a module that makes a Lock and a SimpleQueue while it is imported"""
    from tests.virtual.matrix.late_imports import module_objects

    module_objects.lock.acquire()
    cell.expect(not module_objects.lock.acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(62), Refused("get"), **FRESH)
def simple_queue(cell: CellRun) -> None:
    """a module with `from queue import SimpleQueue`"""
    from tests.virtual.matrix.late_imports import module_objects

    cell.expect(module_objects.nothing_within(cell.scale(62)), "something came")


@construct(Refused("uvloop"), needs=("uvloop",), **ALONE)
def uvloop(cell: CellRun) -> None:
    """uvloop"""
    import asyncio

    import uvloop

    uvloop.run(asyncio.sleep(cell.scale(62)))


@construct(CHILD, **FRESH)
def process_pool(cell: CellRun) -> None:
    """concurrent.futures' `ProcessPoolExecutor`, `result(timeout=20)`"""
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1) as pool:
        cell.expect(pool.submit(nap, SHORT).result(timeout=20) == SHORT, "another result")


@construct(CHILD, **FRESH)
def multiprocessing(cell: CellRun) -> None:
    """multiprocessing, `Pool.apply_async(…).get(timeout=20)`"""
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(1) as pool:
        cell.expect(pool.apply_async(nap, (SHORT,)).get(timeout=20) == SHORT, "another result")


@construct(Exact(30), **FRESH)
def thread_pool(cell: CellRun) -> None:
    """multiprocessing.pool, `ThreadPool.apply_async(…).get(timeout=62)`"""
    from multiprocessing.pool import ThreadPool

    with ThreadPool(1) as pool:
        pool.apply_async(nap, (cell.scale(30),)).get(timeout=cell.scale(62))


@construct(Exact(62), needs=("trio",), **ALONE)
def trio(cell: CellRun) -> None:
    """trio"""
    import trio

    trio.run(trio.sleep, cell.scale(62))


@construct(Exact(62), needs=("anyio",), **ALONE)
def anyio(cell: CellRun) -> None:
    """anyio"""
    import anyio

    anyio.run(anyio.sleep, cell.scale(62))


@construct(Exact(62), **FRESH)
def sched(cell: CellRun) -> None:
    """sched"""
    import sched

    made = sched.scheduler()
    made.enter(cell.scale(62), 1, int)
    made.run()


@construct(Exact(6), needs=("tenacity",), **FRESH)
def tenacity(cell: CellRun) -> None:
    """tenacity, waits of 2 and 4 s"""
    import tenacity

    left = [1, 2]

    def fail() -> None:
        if left:
            left.pop()
            raise ValueError

    tenacity.retry(wait=tenacity.wait_exponential(multiplier=cell.scale(2), min=0))(fail)()


@construct(Refused("gevent|hub|sleep"), Exact(62), needs=("gevent",), **FRESH)
def gevent(cell: CellRun) -> None:
    """gevent"""
    from importlib import import_module

    import_module("gevent").sleep(cell.scale(62))
