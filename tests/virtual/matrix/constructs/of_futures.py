"""Module concurrent.futures: thread pools, and waits for their jobs."""

from __future__ import annotations

import time
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.child_functions import SHORT, nap

PROCESS = Real("another process does the work", SHORT)
INTERPRETER = Real("another interpreter does the work", SHORT)


@construct(Exact(30))
def submit(cell: CellRun) -> None:
    """`submit(…).result()` of a job that sleeps 30 s"""
    with ThreadPoolExecutor(1) as pool:
        cell.expect(pool.submit(nap, cell.scale(30)).result() == cell.scale(30), "another result")


@construct(Exact(30))
def submit_sleep(cell: CellRun) -> None:
    """`submit(time.sleep, 30)`"""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, cell.scale(30)).result()


@construct(Exact(30))
def submit_partial(cell: CellRun) -> None:
    """`submit(partial(time.sleep, 30))`"""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(partial(time.sleep, cell.scale(30))).result()


@construct(Exact(62))
def submit_monotonic(cell: CellRun) -> None:
    """`submit(time.monotonic)`"""
    with ThreadPoolExecutor(1) as pool:
        before = time.monotonic()
        time.sleep(cell.scale(62))
        cell.expect_seconds(pool.submit(time.monotonic).result() - before, 62)


@construct(Exact(62))
def submit_wall(cell: CellRun) -> None:
    """`submit(time.time)`"""
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(time.time).result()
        time.sleep(cell.scale(62))
        cell.expect_seconds(pool.submit(time.time).result() - before, 62)


@construct(Exact(60))
def queued(cell: CellRun) -> None:
    """three jobs of 30 s, two workers"""
    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(time.sleep, cell.scale(30)) for _ in range(3)]:
            job.result()


@construct(Exact(30))
def map_sleep(cell: CellRun) -> None:
    """`list(pool.map(time.sleep, [10, 30, 20]))`"""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(time.sleep, [cell.scale(10), cell.scale(30), cell.scale(20)]))


@construct(Exact(20))
def map_timeout(cell: CellRun) -> None:
    """`pool.map(…, timeout=20)` of 30 s"""
    pool = ThreadPoolExecutor(1)
    try:
        list(pool.map(nap, [cell.scale(30)], timeout=cell.scale(20)))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pool.shutdown(wait=False)


@construct(Exact(60))
def as_completed(cell: CellRun) -> None:
    """`as_completed` of 60, 10 and 30 s"""
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(nap, cell.scale(seconds)) for seconds in (60, 10, 30)]
        order = [job.result() for job in futures.as_completed(jobs)]
    cell.expect(order == [cell.scale(10), cell.scale(30), cell.scale(60)], f"in the order {order}")


@construct(Exact(62, more=0.001))
def as_completed_timeout(cell: CellRun) -> None:
    """`as_completed(…, timeout=62)` of a future that nobody ends"""
    try:
        list(futures.as_completed([Future[int]()], timeout=cell.scale(62)))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(10))
def wait_first(cell: CellRun) -> None:
    """`wait(…, return_when=FIRST_COMPLETED)`"""
    pool = ThreadPoolExecutor(2)
    jobs = [pool.submit(nap, cell.scale(seconds)) for seconds in (10, 12)]
    done, left = futures.wait(jobs, return_when=futures.FIRST_COMPLETED)
    cell.expect((len(done), len(left)) == (1, 1), f"{len(done)} done")
    pool.shutdown(wait=False)


@construct(Exact(62))
def wait_timeout(cell: CellRun) -> None:
    """`wait(…, timeout=62)` of a future that nobody ends"""
    cell.expect(not futures.wait([Future[int]()], timeout=cell.scale(62)).done, "it is done")


@construct(Exact(62))
def result_timeout(cell: CellRun) -> None:
    """`result(timeout=62)` of a future that nobody ends"""
    try:
        Future[int]().result(timeout=cell.scale(62))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(30))
def result_timeout_of_a_job(cell: CellRun) -> None:
    """`result(timeout=12)` of a job of 30 s, then its end"""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(nap, cell.scale(30))
        before = time.monotonic()
        try:
            job.result(timeout=cell.scale(12))
            cell.expect(False, "no timeout")
        except TimeoutError:
            cell.expect_seconds(time.monotonic() - before, 12)


@construct(Exact(5))
def result_timeout_tie(cell: CellRun) -> None:
    """`result(timeout=5)` of a job of 5 s: it goes first"""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(nap, cell.scale(5))
        cell.expect(not cell.virtual or job.result(timeout=cell.scale(5)) == 5, "another result")


@construct(Exact(30))
def exception_timeout(cell: CellRun) -> None:
    """`exception(timeout=62)` of a job that fails after 30 s"""

    def fail() -> None:
        time.sleep(cell.scale(30))
        raise ValueError

    with ThreadPoolExecutor(1) as pool:
        cell.expect(isinstance(pool.submit(fail).exception(timeout=cell.scale(62)), ValueError), "another error")


@construct(Exact(30))
def shutdown(cell: CellRun) -> None:
    """`shutdown(wait=True)` while a job sleeps 30 s"""
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, cell.scale(30))
    pool.shutdown(wait=True)


@construct(Exact(30))
def shutdown_cancels(cell: CellRun) -> None:
    """`shutdown(cancel_futures=True)`, one job at work and one queued"""
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, cell.scale(30))
    queued = pool.submit(time.sleep, cell.scale(30))
    pool.shutdown(wait=True, cancel_futures=True)
    cell.expect(queued.cancelled(), "it wasn't cancelled")


@construct(Exact(40))
def initializer(cell: CellRun) -> None:
    """an initializer that sleeps 10 s, a job of 30 s"""
    with ThreadPoolExecutor(1, initializer=time.sleep, initargs=(cell.scale(10),)) as pool:
        pool.submit(time.sleep, cell.scale(30)).result()


@construct(Exact(30))
def set_result(cell: CellRun) -> None:
    """`Future.result()`, set by a thread after 30 s"""
    future = Future[int]()
    cell.run_after(30, lambda: future.set_result(7))
    cell.expect(future.result() == 7, "another result")


@construct(Exact(30))
def add_done_callback(cell: CellRun) -> None:
    """`add_done_callback` of a job of 30 s"""
    times: list[float] = []
    before = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(nap, cell.scale(30)).add_done_callback(lambda _: times.append(time.monotonic() - before))
    cell.expect_seconds(times[0], 30)


@construct(Exact(30))
def pool_in_a_job(cell: CellRun) -> None:
    """a job that has a pool of its own"""

    def outer() -> None:
        with ThreadPoolExecutor(1) as inner:
            inner.submit(time.sleep, cell.scale(30)).result()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(outer).result()


_old = ThreadPoolExecutor(1)


@construct(Exact(30))
def old_pool(cell: CellRun) -> None:
    """a pool made before, whose threads begin now"""
    _old.submit(time.sleep, cell.scale(30)).result()
