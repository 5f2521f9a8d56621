"""Module concurrent.futures: pools and what waits for their jobs."""

from __future__ import annotations

import time
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.children import SHORT, nap
from tests.virtual.matrix.ground import Ground

PROCESS = Real("another process does the work", SHORT)
INTERPRETER = Real("another interpreter does the work", SHORT)


@construct(Exact(30))
def submit(at: Ground) -> None:
    """`submit(…).result()` of a job that sleeps 30 s"""
    with ThreadPoolExecutor(1) as pool:
        at.holds(pool.submit(nap, at.span(30)).result() == at.span(30), "another result")


@construct(Exact(30))
def submit_sleep(at: Ground) -> None:
    """`submit(time.sleep, 30)`"""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, at.span(30)).result()


@construct(Exact(30))
def submit_partial(at: Ground) -> None:
    """`submit(partial(time.sleep, 30))`"""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(partial(time.sleep, at.span(30))).result()


@construct(Exact(62))
def submit_monotonic(at: Ground) -> None:
    """`submit(time.monotonic)`"""
    with ThreadPoolExecutor(1) as pool:
        before = time.monotonic()
        time.sleep(at.span(62))
        at.tells(pool.submit(time.monotonic).result() - before, 62)


@construct(Exact(62))
def submit_wall(at: Ground) -> None:
    """`submit(time.time)`"""
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(time.time).result()
        time.sleep(at.span(62))
        at.tells(pool.submit(time.time).result() - before, 62)


@construct(Exact(60))
def queued(at: Ground) -> None:
    """three jobs of 30 s, two workers"""
    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(time.sleep, at.span(30)) for _ in range(3)]:
            job.result()


@construct(Exact(30))
def map_sleep(at: Ground) -> None:
    """`list(pool.map(time.sleep, [10, 30, 20]))`"""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(time.sleep, [at.span(10), at.span(30), at.span(20)]))


@construct(Exact(20))
def map_timeout(at: Ground) -> None:
    """`pool.map(…, timeout=20)` of 30 s"""
    pool = ThreadPoolExecutor(1)
    try:
        list(pool.map(nap, [at.span(30)], timeout=at.span(20)))
        at.holds(False, "no timeout")
    except TimeoutError:
        pool.shutdown(wait=False)


@construct(Exact(60))
def as_completed(at: Ground) -> None:
    """`as_completed` of 60, 10 and 30 s"""
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(nap, at.span(seconds)) for seconds in (60, 10, 30)]
        order = [job.result() for job in futures.as_completed(jobs)]
    at.holds(order == [at.span(10), at.span(30), at.span(60)], f"in the order {order}")


@construct(Exact(62, more=0.001))
def as_completed_timeout(at: Ground) -> None:
    """`as_completed(…, timeout=62)` of a future that nobody ends"""
    try:
        list(futures.as_completed([Future[int]()], timeout=at.span(62)))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(10))
def wait_first(at: Ground) -> None:
    """`wait(…, return_when=FIRST_COMPLETED)`"""
    pool = ThreadPoolExecutor(2)
    jobs = [pool.submit(nap, at.span(seconds)) for seconds in (10, 12)]
    done, left = futures.wait(jobs, return_when=futures.FIRST_COMPLETED)
    at.holds((len(done), len(left)) == (1, 1), f"{len(done)} done")
    pool.shutdown(wait=False)


@construct(Exact(62))
def wait_timeout(at: Ground) -> None:
    """`wait(…, timeout=62)` of a future that nobody ends"""
    at.holds(not futures.wait([Future[int]()], timeout=at.span(62)).done, "it is done")


@construct(Exact(62))
def result_timeout(at: Ground) -> None:
    """`result(timeout=62)` of a future that nobody ends"""
    try:
        Future[int]().result(timeout=at.span(62))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(30))
def result_timeout_of_a_job(at: Ground) -> None:
    """`result(timeout=12)` of a job of 30 s, then its end"""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(nap, at.span(30))
        before = time.monotonic()
        try:
            job.result(timeout=at.span(12))
            at.holds(False, "no timeout")
        except TimeoutError:
            at.tells(time.monotonic() - before, 12)


@construct(Exact(5))
def result_timeout_tie(at: Ground) -> None:
    """`result(timeout=5)` of a job of 5 s: it goes first"""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(nap, at.span(5))
        at.holds(not at.virtual or job.result(timeout=at.span(5)) == 5, "another result")


@construct(Exact(30))
def exception_timeout(at: Ground) -> None:
    """`exception(timeout=62)` of a job that fails after 30 s"""

    def fail() -> None:
        time.sleep(at.span(30))
        raise ValueError

    with ThreadPoolExecutor(1) as pool:
        at.holds(isinstance(pool.submit(fail).exception(timeout=at.span(62)), ValueError), "another error")


@construct(Exact(30))
def shutdown(at: Ground) -> None:
    """`shutdown(wait=True)` while a job sleeps 30 s"""
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, at.span(30))
    pool.shutdown(wait=True)


@construct(Exact(30))
def shutdown_cancels(at: Ground) -> None:
    """`shutdown(cancel_futures=True)`, one job at work and one queued"""
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, at.span(30))
    queued = pool.submit(time.sleep, at.span(30))
    pool.shutdown(wait=True, cancel_futures=True)
    at.holds(queued.cancelled(), "it wasn't cancelled")


@construct(Exact(40))
def initializer(at: Ground) -> None:
    """an initializer that sleeps 10 s, a job of 30 s"""
    with ThreadPoolExecutor(1, initializer=time.sleep, initargs=(at.span(10),)) as pool:
        pool.submit(time.sleep, at.span(30)).result()


@construct(Exact(30))
def set_result(at: Ground) -> None:
    """`Future.result()`, set by a thread after 30 s"""
    future = Future[int]()
    at.later(30, lambda: future.set_result(7))
    at.holds(future.result() == 7, "another result")


@construct(Exact(30))
def add_done_callback(at: Ground) -> None:
    """`add_done_callback` of a job of 30 s"""
    told: list[float] = []
    before = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(nap, at.span(30)).add_done_callback(lambda _: told.append(time.monotonic() - before))
    at.tells(told[0], 30)


@construct(Exact(30))
def pool_in_a_job(at: Ground) -> None:
    """a job that has a pool of its own"""

    def outer() -> None:
        with ThreadPoolExecutor(1) as inner:
            inner.submit(time.sleep, at.span(30)).result()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(outer).result()


_old = ThreadPoolExecutor(1)


@construct(Exact(30))
def old_pool(at: Ground) -> None:
    """a pool made before, whose threads begin now"""
    _old.submit(time.sleep, at.span(30)).result()
