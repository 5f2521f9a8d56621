"""Module multiprocessing: pools of processes and of threads."""

from __future__ import annotations

import multiprocessing
import multiprocessing.dummy
import multiprocessing.pool
import time

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.child_functions import SHORT, nap

CHILD = Real("another process does the work", SHORT)
TIMEOUT = Real("a timeout on another process", 0.5)
FORK, SPAWN = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")


@construct(CHILD)
def pool_apply(cell: CellRun) -> None:
    """`Pool.apply`, forked"""
    with FORK.Pool(1) as pool:
        cell.expect(pool.apply(nap, (SHORT,)) == SHORT, "another result")


@construct(CHILD)
def pool_get(cell: CellRun) -> None:
    """`Pool.apply_async(…).get(timeout=20)`, forked"""
    with FORK.Pool(1) as pool:
        cell.expect(pool.apply_async(nap, (SHORT,)).get(timeout=20) == SHORT, "another result")


@construct(CHILD)
def pool_get_spawn(cell: CellRun) -> None:
    """`Pool.apply_async(…).get(timeout=20)`, spawned"""
    with SPAWN.Pool(1) as pool:
        cell.expect(pool.apply_async(nap, (SHORT,)).get(timeout=20) == SHORT, "another result")


@construct(TIMEOUT)
def pool_get_too_slow(cell: CellRun) -> None:
    """`Pool.apply_async(…).get(timeout=0.5)` of a longer job"""
    with FORK.Pool(1) as pool:
        try:
            pool.apply_async(nap, (30,)).get(timeout=0.5)
            cell.expect(False, "no timeout")
        except multiprocessing.TimeoutError:
            pass


@construct(CHILD)
def pool_map(cell: CellRun) -> None:
    """`Pool.map`, forked"""
    with FORK.Pool(2) as pool:
        cell.expect(pool.map(nap, [SHORT, 0]) == [SHORT, 0], "another result")


@construct(Exact(30))
def thread_pool_map(cell: CellRun) -> None:
    """`pool.ThreadPool(2).map(…, [30, 10])`"""
    with multiprocessing.pool.ThreadPool(2) as pool:
        pool.map(nap, [cell.scale(30), cell.scale(10)])


@construct(Exact(30))
def thread_pool_sleep(cell: CellRun) -> None:
    """`pool.ThreadPool(1).apply(time.sleep, (30,))`"""
    with multiprocessing.pool.ThreadPool(1) as pool:
        pool.apply(time.sleep, (cell.scale(30),))


@construct(Exact(30))
def thread_pool_get(cell: CellRun) -> None:
    """`pool.ThreadPool(1).apply_async(…).get(timeout=62)`"""
    with multiprocessing.pool.ThreadPool(1) as pool:
        result = pool.apply_async(nap, (cell.scale(30),)).get(timeout=cell.scale(62))
        cell.expect(result == cell.scale(30), "another result")


@construct(Exact(12))
def thread_pool_too_slow(cell: CellRun) -> None:
    """`pool.ThreadPool(1).apply_async(…).get(timeout=12)` of 62 s"""
    pool = multiprocessing.pool.ThreadPool(1)
    try:
        pool.apply_async(nap, (cell.scale(62),)).get(timeout=cell.scale(12))
        cell.expect(False, "no timeout")
    except multiprocessing.TimeoutError:
        pass


@construct(Exact(30))
def dummy_pool(cell: CellRun) -> None:
    """`multiprocessing.dummy.Pool(2).map(…, [30, 10])`"""
    with multiprocessing.dummy.Pool(2) as pool:
        pool.map(nap, [cell.scale(30), cell.scale(10)])


@construct(Exact(30))
def dummy_process(cell: CellRun) -> None:
    """`multiprocessing.dummy.Process`, joined"""
    process = multiprocessing.dummy.Process(target=nap, args=(cell.scale(30),))
    process.start()
    process.join()
