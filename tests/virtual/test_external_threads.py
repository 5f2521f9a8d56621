"""Threads that are older than the test: which of them count as working for it."""

from __future__ import annotations

import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.support import EPOCH
from tests.virtual.conftest import really

from jobmock.clock import SECOND, Clock
from jobmock.virtual import in_real_time, linux_threads, virtual_time

PUTS, SIZES = 60, range(16, 513, 16)


@pytest.mark.parametrize("collect_each", [1, 2, 3, 7])
def test_who_takes_part_is_no_older_thread(collect_each: int) -> None:
    """A thread that fills a queue is never taken for an older one that it woke, wherever its frames lie in memory."""
    kept = list[Any]()
    for _ in range(5):
        with virtual_time(Clock("manual", start=EPOCH)) as scheduler:
            items = queue.SimpleQueue[int]()
            for number in range(PUTS):
                items.put(number)
                assert items.get() == number
                assert not scheduler.external.is_pending
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
    with virtual_time(clock):
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
    with virtual_time(clock) as scheduler, ThreadPoolExecutor(1) as pool:
        for _ in range(20):
            pool.submit(time.sleep, 30).result()
            assert not scheduler.external.threads.releases
        assert clock.elapsed == 600 * SECOND
    ends.set()
    thread.join()


def ticking(ends: list[int], lock: threading.Lock) -> None:
    with lock:
        pass
    while not ends:
        time.sleep(0.01)
        time.sleep(0.011)


@pytest.fixture
def ends() -> Iterator[list[int]]:
    """The threads of a test go on until this is filled."""
    found: list[int] = []
    yield found
    found.append(1)


def test_a_thread_that_ticks_beside(ends: list[int]) -> None:
    """A thread from outside that goes on by itself doesn't keep the clock at the pace of real time."""
    threading.Thread(target=ticking, args=(ends, threading.Lock()), daemon=True).start()
    for _ in range(10):
        clock, began = Clock("manual", start=EPOCH), really()
        with virtual_time(clock):
            for _ in range(3):
                with ThreadPoolExecutor(2) as pool:
                    for seconds in (200, 400):
                        pool.submit(time.sleep, seconds)
        assert clock.elapsed == 1200 * SECOND
        assert really() - began < 60


@pytest.mark.parametrize(("state", "waits"), [("R", False), ("S", True)])
def test_a_thread_that_is_ready_to_run_waits_for_no_lock(
    state: str, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system reports no place, a sleeping thread may wait for a lock, and one that is ready to run doesn't."""
    reports = {"wchan": b"0", "stat": f"7 (python) {state} 1".encode()}
    monkeypatch.setattr(linux_threads, "_read_status", lambda ident, name: reports[name])
    assert linux_threads.waits_for_lock(7, default=True) is waits


def test_a_thread_that_ticks_after_a_lock(ends: list[int]) -> None:
    """Nor does one that only waited until a participant no longer used a lock."""
    lock, clock, began = threading.Lock(), Clock("manual", start=EPOCH), really()
    with virtual_time(clock):
        lock.acquire()
        with in_real_time():
            thread = threading.Thread(target=ticking, args=(ends, lock), daemon=True)
            thread.start()
        time.sleep(1)
        lock.release()
        time.sleep(200)
    assert really() - began < 60


def test_an_older_thread_behind_a_lock() -> None:
    """An older thread that waited until a participant no longer used a lock is let on before time is."""
    lock, comes, done, clock = threading.Lock(), queue.Queue[int](), threading.Event(), Clock("manual", start=EPOCH)

    def work() -> None:
        comes.get()
        with lock:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    with virtual_time(clock):
        lock.acquire()
        comes.put(1)
        time.sleep(1)
        lock.release()
        assert done.wait(600)
        assert clock.elapsed < 600 * SECOND
