"""Threads that are older than virtual time: time stands still while one works for the test, and only then."""

from __future__ import annotations

import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest
from tests.support import EPOCH, part
from tests.virtual.conftest import real_seconds

from jobmock.clock import SECOND, Clock
from jobmock.virtual import in_real_time, linux_threads, virtual_time

PUTS, SIZES = 60, range(16, 513, 16)
NAP, MAX_REAL = 90, 60
"""The virtual seconds of a sleep, and the real seconds that it may take at most on a busy machine."""


@pytest.mark.parametrize("collect_each", [1, 2, 3, 7])
def test_a_participant_is_not_taken_for_an_older_thread(collect_each: int) -> None:
    """A participant that fills a queue is never taken for an older thread that it woke, wherever its frames are."""
    kept = list[Any]()
    gc.freeze()  # so that a collection looks at what this test makes, and not at the whole session
    for _ in range(5):
        with virtual_time(Clock("manual", start=EPOCH)) as scheduler:
            items = queue.SimpleQueue[int]()
            for number in range(PUTS):
                items.put(number)
                assert items.get() == number
                assert not scheduler.external.is_pending
                kept.extend(bytes(size) for size in SIZES)  # so that the next frame has another address
                if number % collect_each == 0:
                    gc.collect()


Pair = tuple[Callable[[], Any], Callable[[], Any]]
"""A function that waits, and one that wakes it."""


def _by_queue() -> Pair:
    items = queue.Queue[int]()
    return items.get, lambda: items.put(1)


def _by_simple_queue() -> Pair:
    items = queue.SimpleQueue[int]()
    return lambda: items.get(), lambda: items.put(1)


def _by_event() -> Pair:
    event = threading.Event()
    return event.wait, event.set


def _by_lock() -> Pair:
    lock = threading.Lock()
    lock.acquire()
    return lambda: lock.acquire(), lambda: lock.release()  # the methods are looked up at each call


@pytest.mark.parametrize(
    ("twice", "make"), part(product((False, True), (_by_queue, _by_simple_queue, _by_event, _by_lock)), 3)
)
def test_work_for_an_older_thread(make: Callable[[], Pair], twice: bool) -> None:
    """No timeout fires before an older thread has done the work that the test gave it."""
    (wait, wake), (wait_first, wake_first), (waits, done) = make(), make(), (threading.Event(), threading.Event())

    def work() -> None:
        if twice:
            wait_first()
        waits.set()
        wait()
        time.sleep(0.3)
        done.set()

    threading.Thread(target=work, daemon=True).start()
    clock = Clock("manual", start=EPOCH)
    if not twice:
        waits.wait()
        time.sleep(0.05)
    with virtual_time(clock):
        if twice:
            wake_first()
            assert waits.wait(600)
        wake()
        assert done.wait(600)
        assert clock.elapsed < 600 * SECOND


def test_a_pool_beside_an_older_thread() -> None:
    """A job of the test's own pool isn't taken for work of an older thread that waits for something else."""
    end, clock = threading.Event(), Clock("manual", start=EPOCH)
    thread = threading.Thread(target=end.wait, daemon=True)
    thread.start()
    with virtual_time(clock) as scheduler, ThreadPoolExecutor(1) as pool:
        for _ in range(20):
            pool.submit(time.sleep, 30).result()
            assert not scheduler.external.threads.releases
        assert clock.elapsed == 600 * SECOND
    end.set()
    thread.join()


@pytest.mark.parametrize(("state", "waits"), [("R", False), ("S", True)])
def test_a_thread_that_is_ready_to_run_waits_for_no_lock(
    state: str, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the system reports no place, a sleeping thread may wait for a lock, and one that is ready to run doesn't."""
    reports = {"wchan": b"0", "stat": f"7 (python) {state} 1".encode()}
    monkeypatch.setattr(linux_threads, "_read_status", lambda ident, name: reports[name])
    assert linux_threads.waits_for_lock(7, default=True) is waits


def tick(end: list[int], lock: threading.Lock) -> None:
    """Wait for a lock, and then sleep again and again until `end` is filled."""
    with lock:
        pass
    while not end:
        time.sleep(0.01)
        time.sleep(0.011)


@pytest.fixture
def end() -> Iterator[list[int]]:
    """A list that is filled at the test's end, and ends the threads that tick."""
    end: list[int] = []
    yield end
    end.append(1)


def test_an_older_thread_that_ticks(end: list[int]) -> None:
    """An older thread that sleeps again and again doesn't keep the clock at the pace of real time."""
    threading.Thread(target=tick, args=(end, threading.Lock()), daemon=True).start()
    for _ in part(range(10), 4):
        clock = Clock("manual", start=EPOCH)
        with virtual_time(clock):
            for _ in range(3):
                began = real_seconds()
                with ThreadPoolExecutor(2) as pool:
                    for seconds in (NAP, 2 * NAP):
                        pool.submit(time.sleep, seconds)
                assert real_seconds() - began < MAX_REAL
        assert clock.elapsed == 6 * NAP * SECOND


def test_an_older_thread_that_ticks_after_a_lock(end: list[int]) -> None:
    """An older thread that waited for a participant's lock, and ticks then, doesn't keep the clock at real pace."""
    lock, clock, began = threading.Lock(), Clock("manual", start=EPOCH), real_seconds()
    with virtual_time(clock):
        lock.acquire()
        with in_real_time():
            thread = threading.Thread(target=tick, args=(end, lock), daemon=True)
            thread.start()
        time.sleep(1)
        lock.release()
        time.sleep(NAP)
    assert real_seconds() - began < MAX_REAL


def test_an_older_thread_that_waits_for_a_lock() -> None:
    """An older thread that waited for a participant's lock runs before time moves on."""
    lock, jobs, done, clock = threading.Lock(), queue.Queue[int](), threading.Event(), Clock("manual", start=EPOCH)

    def work() -> None:
        jobs.get()
        with lock:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    with virtual_time(clock):
        lock.acquire()
        jobs.put(1)
        time.sleep(1)
        lock.release()
        assert done.wait(600)
        assert clock.elapsed < 600 * SECOND
