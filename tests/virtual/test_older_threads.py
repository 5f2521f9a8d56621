"""Threads that were there before: which of them are taken to be at work for the test."""

from __future__ import annotations

import gc
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.support import EPOCH

from jobmock.clock import SECOND, Clock
from jobmock.virtual import coupled

PUTS, SIZES = 60, range(16, 513, 16)


@pytest.mark.parametrize("collect_each", [1, 2, 3, 7])
def test_who_takes_part_is_no_older_thread(collect_each: int) -> None:
    """A thread that fills a queue is never taken for an older one that it woke, wherever its frames lie in memory."""
    kept = list[Any]()
    for _ in range(5):
        with coupled(Clock("manual", start=EPOCH)) as world:
            items = queue.SimpleQueue[int]()
            for number in range(PUTS):
                items.put(number)
                assert items.get() == number
                assert not world.pace.kept
                kept.extend(bytes(size) for size in SIZES)  # so that the next frame lies elsewhere
                if number % collect_each == 0:
                    gc.collect()


def _by_queue() -> tuple[Callable[[], Any], Callable[[], Any]]:
    items = queue.Queue[int]()
    return items.get, lambda: items.put(1)


def _by_simple_queue() -> tuple[Callable[[], Any], Callable[[], Any]]:
    items = queue.SimpleQueue[int]()
    return lambda: items.get(), lambda: items.put(1)


def _by_event() -> tuple[Callable[[], Any], Callable[[], Any]]:
    event = threading.Event()
    return event.wait, event.set


def _by_lock() -> tuple[Callable[[], Any], Callable[[], Any]]:
    lock = threading.Lock()
    lock.acquire()
    return lambda: lock.acquire(), lambda: lock.release()  # looked up when they are called


@pytest.mark.parametrize("again", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("make", [_by_queue, _by_simple_queue, _by_event, _by_lock])
def test_work_for_an_older_thread(make: Any, again: bool) -> None:
    """An older thread that is given work, in whatever way, is waited for: no timeout is over before it has done it."""
    (hear, tell), (hear_first, tell_first), (waits, done) = make(), make(), (threading.Event(), threading.Event())

    def work() -> None:
        if again:
            hear_first()
        waits.set()
        hear()
        time.sleep(0.3)
        done.set()

    threading.Thread(target=work, daemon=True).start()
    clock = Clock("manual", start=EPOCH)
    if not again:
        waits.wait()
        time.sleep(0.05)
    with coupled(clock):
        if again:
            tell_first()
            assert waits.wait(600)
        tell()
        assert done.wait(600)
        assert clock.elapsed < 600 * SECOND


def test_a_pool_beside_an_older_thread() -> None:
    """A job of the test's own pool isn't taken for work of an older thread that waits for something else."""
    ends, clock = threading.Event(), Clock("manual", start=EPOCH)
    thread = threading.Thread(target=ends.wait, daemon=True)
    thread.start()
    with coupled(clock) as world, ThreadPoolExecutor(1) as pool:
        for _ in range(20):
            pool.submit(time.sleep, 30).result()
            assert not world.pace.older_threads.told
        assert clock.elapsed == 600 * SECOND
    ends.set()
    thread.join()
