"""Tests that leave pools, queues and locks behind, for which threads wait."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from tests.virtual.poisoning.checks import check_later, require_end
from tests.virtual.poisoning.poisons import poison
from tests.virtual.poisoning.real_time import LATE, lasts
from tests.virtual.poisoning.session import EVERY, SESSION

_LONG = 100_000.0


@poison("passed")
def leaves_a_pool_open(mock: Any, rng: Random) -> None:
    pool = ThreadPoolExecutor(3)
    job = pool.submit(time.sleep, 500.3)
    pool.submit(time.sleep, 5).result()
    time.sleep(495)

    def check() -> None:
        job.result(LATE + 1)
        with lasts(EVERY):
            pool.submit(time.sleep, EVERY).result()
        pool.shutdown()

    check_later(check)


@poison("passed")
def leaves_jobs_in_the_run_s_pool(mock: Any, rng: Random) -> None:
    jobs = [SESSION.pool.submit(time.sleep, seconds) for seconds in (500.2, 500.2, 0.1)]
    time.sleep(500)

    def check() -> None:
        for job in jobs:
            job.result(LATE + 2)

    check_later(check)


@poison("passed")
def leaves_queues_with_waiters(mock: Any, rng: Random) -> None:
    queues: list[Any] = [queue.Queue[int](), queue.SimpleQueue[int](), queue.PriorityQueue[int]()]
    threads = [threading.Thread(target=one.get, daemon=True) for one in queues for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(rng.uniform(0, 50))

    def check() -> None:
        for one in (*queues, *queues):
            one.put(1)
        for thread in threads:
            require_end(thread)

    check_later(check)


@poison("passed")
def leaves_waiters_for_locks(mock: Any, rng: Random) -> None:
    lock, condition, event = threading.Lock(), threading.Condition(), threading.Event()
    lock.acquire()

    def waiting() -> None:
        with condition:
            condition.wait()

    threads = [threading.Thread(target=wait, daemon=True) for wait in (lock.acquire, waiting, event.wait)]
    for thread in threads:
        thread.start()
    time.sleep(rng.uniform(0, 50))

    def check() -> None:
        lock.release()
        event.set()
        with condition:
            condition.notify_all()
        for thread in threads:
            require_end(thread)

    check_later(check)
