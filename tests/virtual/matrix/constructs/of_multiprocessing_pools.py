"""Module multiprocessing: pools."""

from __future__ import annotations

import multiprocessing
import multiprocessing.dummy
import multiprocessing.pool
import time

from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.children import SHORT, nap
from tests.virtual.matrix.ground import Ground

CHILD = Real("another process does the work", SHORT)
TIMEOUT = Real("a timeout on another process", 0.5)
FORK, SPAWN = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")


@construct(CHILD)
def pool_apply(at: Ground) -> None:
    """`Pool.apply`, forked"""
    with FORK.Pool(1) as pool:
        at.holds(pool.apply(nap, (SHORT,)) == SHORT, "another result")


@construct(CHILD)
def pool_get(at: Ground) -> None:
    """`Pool.apply_async(…).get(timeout=20)`, forked"""
    with FORK.Pool(1) as pool:
        at.holds(pool.apply_async(nap, (SHORT,)).get(timeout=20) == SHORT, "another result")


@construct(CHILD)
def pool_get_spawn(at: Ground) -> None:
    """`Pool.apply_async(…).get(timeout=20)`, spawned"""
    with SPAWN.Pool(1) as pool:
        at.holds(pool.apply_async(nap, (SHORT,)).get(timeout=20) == SHORT, "another result")


@construct(TIMEOUT)
def pool_get_too_slow(at: Ground) -> None:
    """`Pool.apply_async(…).get(timeout=0.5)` of a longer job"""
    with FORK.Pool(1) as pool:
        try:
            pool.apply_async(nap, (30,)).get(timeout=0.5)
            at.holds(False, "no timeout")
        except multiprocessing.TimeoutError:
            pass


@construct(CHILD)
def pool_map(at: Ground) -> None:
    """`Pool.map`, forked"""
    with FORK.Pool(2) as pool:
        at.holds(pool.map(nap, [SHORT, 0]) == [SHORT, 0], "another result")


@construct(Exact(30))
def thread_pool_map(at: Ground) -> None:
    """`pool.ThreadPool(2).map(…, [30, 10])`"""
    with multiprocessing.pool.ThreadPool(2) as pool:
        pool.map(nap, [at.span(30), at.span(10)])


@construct(Exact(30))
def thread_pool_sleep(at: Ground) -> None:
    """`pool.ThreadPool(1).apply(time.sleep, (30,))`"""
    with multiprocessing.pool.ThreadPool(1) as pool:
        pool.apply(time.sleep, (at.span(30),))


@construct(Exact(30))
def thread_pool_get(at: Ground) -> None:
    """`pool.ThreadPool(1).apply_async(…).get(timeout=62)`"""
    with multiprocessing.pool.ThreadPool(1) as pool:
        at.holds(pool.apply_async(nap, (at.span(30),)).get(timeout=at.span(62)) == at.span(30), "another result")


@construct(Exact(12))
def thread_pool_too_slow(at: Ground) -> None:
    """`pool.ThreadPool(1).apply_async(…).get(timeout=12)` of 62 s"""
    pool = multiprocessing.pool.ThreadPool(1)
    try:
        pool.apply_async(nap, (at.span(62),)).get(timeout=at.span(12))
        at.holds(False, "no timeout")
    except multiprocessing.TimeoutError:
        pass


@construct(Exact(30))
def dummy_pool(at: Ground) -> None:
    """`multiprocessing.dummy.Pool(2).map(…, [30, 10])`"""
    with multiprocessing.dummy.Pool(2) as pool:
        pool.map(nap, [at.span(30), at.span(10)])


@construct(Exact(30))
def dummy_process(at: Ground) -> None:
    """`multiprocessing.dummy.Process`, joined"""
    process = multiprocessing.dummy.Process(target=nap, args=(at.span(30),))
    process.start()
    process.join()
