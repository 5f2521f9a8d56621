"""Thread pools: a job is in virtual time while a worker runs it, also in a worker that is older."""

from __future__ import annotations

import _thread
import asyncio
import concurrent.futures
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor

import anyio.to_thread
import pytest
import trio
from tests.virtual.conftest import Serve, VirtualTime


def sleep_and_read(virtual: VirtualTime, seconds: float) -> float:
    """Sleep, and return the reading of the clock afterwards."""
    time.sleep(seconds)
    return virtual.now


def test_more_jobs_than_workers(virtual: VirtualTime) -> None:
    """A job for which there is no free worker begins when one becomes free, and not before."""
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda seconds: sleep_and_read(virtual, seconds), [10, 3, 4, 5]))
    assert ended == [10, 3, 7, 12] and virtual.now == 12


def test_a_pool_that_is_used_again(virtual: VirtualTime) -> None:
    """Idle workers don't keep time from moving, and work again later."""
    with ThreadPoolExecutor(4) as pool:
        assert pool.submit(sleep_and_read, virtual, 5).result() == 5
        time.sleep(60)
        assert pool.submit(sleep_and_read, virtual, 5).result() == 70


def test_a_pool_that_is_older(serve: Serve) -> None:
    """The workers of a pool that was made before virtual time are in virtual time while they run a job."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        for _ in range(2):
            with serve() as mock:
                assert [pool.submit(sleep_and_read, mock, 5).result() for _ in range(2)] == [5, 10]


def test_a_job_that_begins_after_the_test(serve: Serve) -> None:
    """A job that an older pool begins after the test's end doesn't disturb the jobs of the next test."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with serve():
            left = [pool.submit(time.sleep, seconds) for seconds in (5.1, 0)]
            time.sleep(5)
        for job in left:
            job.result()
        with serve() as mock:
            begun = pool.submit(sleep_and_read, mock, 5)
            time.sleep(100)
            assert begun.done() and begun.result() == 5


def test_a_job_that_is_a_function_of_time(serve: Serve) -> None:
    """A function of `time` can be a job or a thread's target itself, without a caller between."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with serve() as mock:
            before = pool.submit(time.monotonic).result()
            pool.submit(time.sleep, 5).result()
            assert pool.submit(time.monotonic).result() - before == mock.now == 5
            _thread.start_new_thread(time.sleep, (5,))
            time.sleep(1)
            assert mock.now == 6
            assert time.strptime(time.ctime()) == time.strptime(time.asctime())
            assert time.mktime(time.strptime(time.ctime())) == int(time.time())


def test_a_job_that_is_cancelled(virtual: VirtualTime) -> None:
    """A job that is cancelled in the queue takes no time."""
    with ThreadPoolExecutor(1) as pool:
        first, second, third = (pool.submit(sleep_and_read, virtual, seconds) for seconds in (10, 20, 30))
        assert second.cancel()
        assert (first.result(), third.result()) == (10, 40)


def test_shutdown_while_jobs_sleep(virtual: VirtualTime) -> None:
    """shutdown waits for jobs that sleep; with `cancel_futures` it cancels the others, and time goes on."""
    pool = ThreadPoolExecutor(1)
    jobs = [pool.submit(sleep_and_read, virtual, 10) for _ in range(3)]
    time.sleep(1)
    pool.shutdown(wait=True, cancel_futures=True)
    assert [job.cancelled() for job in jobs] == [False, True, True]
    assert virtual.now == 10
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(int)
    time.sleep(5)
    assert virtual.now == 15


def test_nested_jobs(virtual: VirtualTime) -> None:
    """A job may submit others and wait for them."""
    with ThreadPoolExecutor(2) as pool:

        def outer() -> float:
            time.sleep(1)
            return pool.submit(sleep_and_read, virtual, 5).result()

        assert pool.submit(outer).result() == 6


def test_a_job_that_raises(virtual: VirtualTime) -> None:
    """The error of a job is raised by `result`, at the moment when the job fails."""

    def fails() -> None:
        time.sleep(3)
        raise KeyError

    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyError):
        pool.submit(fails).result()
    assert virtual.now == 3


def test_result_wait_and_as_completed(virtual: VirtualTime) -> None:
    """`result`, `wait` and `as_completed` have virtual timeouts, and return when the jobs end."""
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(sleep_and_read, virtual, seconds) for seconds in (50, 20, 30)]
        with pytest.raises(TimeoutError):
            jobs[0].result(timeout=10)
        assert virtual.now == 10
        done, _ = concurrent.futures.wait(jobs, timeout=5)
        assert not done and virtual.now == 15
        done, _ = concurrent.futures.wait(jobs, return_when=FIRST_COMPLETED)
        assert done == {jobs[1]} and virtual.now == 20
        assert [job.result() for job in concurrent.futures.as_completed(jobs)] == [20, 30, 50]


def test_asyncio_to_thread(virtual: VirtualTime) -> None:
    """asyncio.to_thread runs beside the loop on the same clock."""

    async def main() -> list[float]:
        jobs = [asyncio.to_thread(sleep_and_read, virtual, seconds) for seconds in (5, 8)]
        return list(await asyncio.gather(*jobs, other()))

    async def other() -> float:
        await asyncio.sleep(6)
        return virtual.now

    assert asyncio.run(main()) == [5, 8, 6]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_to_thread(virtual: VirtualTime, backend: str) -> None:
    """anyio.to_thread runs on the same clock with either backend, also several times."""

    async def main() -> list[float]:
        return [await anyio.to_thread.run_sync(sleep_and_read, virtual, seconds) for seconds in (5, 8)]

    assert anyio.run(main, backend=backend) == [5, 13]


def test_trio_to_thread(virtual: VirtualTime) -> None:
    """trio.to_thread runs on the same clock, beside a task that sleeps."""
    ended = list[float]()

    async def job() -> None:
        ended.append(await trio.to_thread.run_sync(sleep_and_read, virtual, 5))

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(job)
            await trio.sleep(7)
            ended.append(virtual.now)

    trio.run(main)
    assert ended == [5, 7]
