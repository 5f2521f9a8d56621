"""Thread pools: a job takes part while a worker has it, whatever workers there are."""

from __future__ import annotations

import _thread
import asyncio
import concurrent.futures
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor
from typing import Any

import anyio.to_thread
import pytest
import trio
from tests.virtual.conftest import Env


def slept(still: Env, seconds: float) -> float:
    time.sleep(seconds)
    return still.now


def test_more_jobs_than_workers(still: Env) -> None:
    """Jobs for which there is no worker yet begin when one is free, and not before."""
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda seconds: slept(still, seconds), [10, 3, 4, 5]))
    assert ended == [10, 3, 7, 12] and still.now == 12


def test_a_pool_that_is_used_again(still: Env) -> None:
    """Workers that are idle take no part, and hold up nothing."""
    with ThreadPoolExecutor(4) as pool:
        assert pool.submit(slept, still, 5).result() == 5
        time.sleep(60)
        assert pool.submit(slept, still, 5).result() == 70


def test_a_pool_made_before(env: Any) -> None:
    """So do those of a pool that was there before."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        for _ in range(2):
            with env() as mock:
                assert [pool.submit(slept, mock, 5).result() for _ in range(2)] == [5, 10]


def test_a_job_that_begins_after_the_test(env: Any) -> None:
    """A job that an older pool begins only after the test's end keeps no worker from the jobs of the next test."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with env():
            left = [pool.submit(time.sleep, seconds) for seconds in (5.1, 0)]
            time.sleep(5)
        for job in left:
            job.result()
        with env() as mock:
            begun = pool.submit(slept, mock, 5)
            time.sleep(100)
            assert begun.done() and begun.result() == 5


def test_a_function_of_time_itself(env: Any) -> None:
    """A job, or a thread, may be a function of `time` itself, called by nobody between."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with env() as mock:
            before = pool.submit(time.monotonic).result()
            pool.submit(time.sleep, 5).result()
            assert pool.submit(time.monotonic).result() - before == mock.now == 5
            _thread.start_new_thread(time.sleep, (5,))
            time.sleep(1)
            assert mock.now == 6
            assert time.strptime(time.ctime()) == time.strptime(time.asctime())
            assert time.mktime(time.strptime(time.ctime())) == int(time.time())


def test_a_job_that_is_cancelled(still: Env) -> None:
    """A job that is cancelled in the queue never takes part."""
    with ThreadPoolExecutor(1) as pool:
        first, second, third = (pool.submit(slept, still, seconds) for seconds in (10, 20, 30))
        assert second.cancel()
        assert (first.result(), third.result()) == (10, 40)


def test_shutdown_while_jobs_sleep(still: Env) -> None:
    """shutdown waits for what sleeps; with `cancel_futures` the rest is given up, and holds up nobody."""
    pool = ThreadPoolExecutor(1)
    jobs = [pool.submit(slept, still, 10) for _ in range(3)]
    time.sleep(1)
    pool.shutdown(wait=True, cancel_futures=True)
    assert [job.cancelled() for job in jobs] == [False, True, True]
    assert still.now == 10
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(int)
    time.sleep(5)
    assert still.now == 15


def test_nested_jobs(still: Env) -> None:
    """A job may submit others and wait for them."""
    with ThreadPoolExecutor(2) as pool:

        def outer() -> float:
            time.sleep(1)
            return pool.submit(slept, still, 5).result()

        assert pool.submit(outer).result() == 6


def test_a_job_that_raises(still: Env) -> None:
    """An error is the job's result, at its time."""

    def fails() -> None:
        time.sleep(3)
        raise KeyError

    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyError):
        pool.submit(fails).result()
    assert still.now == 3


def test_result_wait_and_as_completed(still: Env) -> None:
    """Their timeouts are virtual, and they return when the jobs do."""
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(slept, still, seconds) for seconds in (50, 20, 30)]
        with pytest.raises(TimeoutError):
            jobs[0].result(timeout=10)
        assert still.now == 10
        done, _ = concurrent.futures.wait(jobs, timeout=5)
        assert not done and still.now == 15
        done, _ = concurrent.futures.wait(jobs, return_when=FIRST_COMPLETED)
        assert done == {jobs[1]} and still.now == 20
        assert [job.result() for job in concurrent.futures.as_completed(jobs)] == [20, 30, 50]


def test_asyncio_to_thread(still: Env) -> None:
    """asyncio.to_thread runs beside the loop, on the same clock."""

    async def main() -> list[float]:
        jobs = [asyncio.to_thread(slept, still, seconds) for seconds in (5, 8)]
        return list(await asyncio.gather(*jobs, other()))

    async def other() -> float:
        await asyncio.sleep(6)
        return still.now

    assert asyncio.run(main()) == [5, 8, 6]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio_to_thread(still: Env, backend: str) -> None:
    """anyio.to_thread does so on either backend, several times."""

    async def main() -> list[float]:
        return [await anyio.to_thread.run_sync(slept, still, seconds) for seconds in (5, 8)]

    assert anyio.run(main, backend=backend) == [5, 13]


def test_trio_to_thread(still: Env) -> None:
    """So does trio.to_thread, beside a task that sleeps."""
    ended = list[float]()

    async def job() -> None:
        ended.append(await trio.to_thread.run_sync(slept, still, 5))

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(job)
            await trio.sleep(7)
            ended.append(still.now)

    trio.run(main)
    assert ended == [5, 7]
