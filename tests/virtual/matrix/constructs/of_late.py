"""What is first imported inside the test: each cell begins in a fresh interpreter, and nothing is imported up here."""

from __future__ import annotations

from typing import Any

from tests.virtual.matrix.cells import Exact, Real, Refused, construct
from tests.virtual.matrix.children import SHORT, nap
from tests.virtual.matrix.ground import Ground

CHILD = Real("another process does the work", SHORT)
SYNC = ("main", "thread", "pool", "done_callback", "timer", "older")
NO_LOOP = "a loop can't be run in a loop"
FRESH: dict[str, Any] = {"fresh": True}
ALONE: dict[str, Any] = {"fresh": True, "places": SYNC, "because": NO_LOOP}


@construct(Exact(62), **FRESH)
def top(at: Ground) -> None:
    """a module with `from time import sleep`"""
    from tests.virtual.matrix.late import top

    top.nap(at.span(62))


@construct(Exact(62), **FRESH)
def default(at: Ground) -> None:
    """a module with `time.sleep` in default arguments and attributes"""
    from tests.virtual.matrix.late import held

    held.nap(at.span(30))
    held.Napper().nap(at.span(32))


@construct(Exact(62), **FRESH)
def clock(at: Ground) -> None:
    """a module with `from time import monotonic`"""
    from tests.virtual.matrix.late import top

    before = top.now()
    top.nap(at.span(62))
    at.tells(top.now() - before, 62)


@construct(Exact(62), **FRESH)
def lock(at: Ground) -> None:
    """a module that makes a Lock and a SimpleQueue while it is imported"""
    from tests.virtual.matrix.late import made

    made.lock.acquire()
    at.holds(not made.lock.acquire(timeout=at.span(62)), "it was free")


@construct(Exact(62), Refused("get"), **FRESH)
def simple_queue(at: Ground) -> None:
    """a module with `from queue import SimpleQueue`"""
    from tests.virtual.matrix.late import made

    at.holds(made.nothing_within(at.span(62)), "something came")


@construct(Refused("uvloop"), needs=("uvloop",), **ALONE)
def uvloop(at: Ground) -> None:
    """uvloop"""
    import asyncio

    import uvloop

    uvloop.run(asyncio.sleep(at.span(62)))


@construct(CHILD, **FRESH)
def process_pool(at: Ground) -> None:
    """concurrent.futures' `ProcessPoolExecutor`, `result(timeout=20)`"""
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1) as pool:
        at.holds(pool.submit(nap, SHORT).result(timeout=20) == SHORT, "another result")


@construct(CHILD, **FRESH)
def multiprocessing(at: Ground) -> None:
    """multiprocessing, `Pool.apply_async(…).get(timeout=20)`"""
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(1) as pool:
        at.holds(pool.apply_async(nap, (SHORT,)).get(timeout=20) == SHORT, "another result")


@construct(Exact(30), **FRESH)
def thread_pool(at: Ground) -> None:
    """multiprocessing.pool, `ThreadPool.apply_async(…).get(timeout=62)`"""
    from multiprocessing.pool import ThreadPool

    with ThreadPool(1) as pool:
        pool.apply_async(nap, (at.span(30),)).get(timeout=at.span(62))


@construct(Exact(62), needs=("trio",), **ALONE)
def trio(at: Ground) -> None:
    """trio"""
    import trio

    trio.run(trio.sleep, at.span(62))


@construct(Exact(62), needs=("anyio",), **ALONE)
def anyio(at: Ground) -> None:
    """anyio"""
    import anyio

    anyio.run(anyio.sleep, at.span(62))


@construct(Exact(62), **FRESH)
def sched(at: Ground) -> None:
    """sched"""
    import sched

    made = sched.scheduler()
    made.enter(at.span(62), 1, int)
    made.run()


@construct(Exact(6), needs=("tenacity",), **FRESH)
def tenacity(at: Ground) -> None:
    """tenacity, waits of 2 and 4 s"""
    import tenacity

    left = [1, 2]

    def fail() -> None:
        if left:
            left.pop()
            raise ValueError

    tenacity.retry(wait=tenacity.wait_exponential(multiplier=at.span(2), min=0))(fail)()


@construct(Refused("gevent|hub|sleep"), Exact(62), needs=("gevent",), **FRESH)
def gevent(at: Ground) -> None:
    """gevent"""
    from importlib import import_module

    import_module("gevent").sleep(at.span(62))
