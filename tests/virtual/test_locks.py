"""Locks that are made in virtual time: an owner may sleep, and a thread that waits for it waits in virtual time."""

from __future__ import annotations

import _thread
import sys
import threading
import time
from typing import Any

import pytest
from tests.virtual.conftest import Serve, VirtualTime, run_outside

KINDS = pytest.mark.parametrize("kind", ["Lock", "RLock"])


class Limiter:
    """A rate limiter that holds its lock while it sleeps, as many do."""

    def __init__(self, lock: Any, interval: float) -> None:
        self._lock, self._interval, self._next = lock, interval, 0.0

    def take(self) -> None:
        with self._lock:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self._interval


@KINDS
def test_a_limiter_that_sleeps_in_its_lock(virtual: VirtualTime, kind: str) -> None:
    """Threads that share a limiter take turns, one per interval."""
    limiter, turns = Limiter(getattr(threading, kind)(), 2), list[float]()

    def work() -> None:
        for _ in range(5):
            limiter.take()
            turns.append(virtual.now)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(turns) == [2 * turn for turn in range(20)]


@KINDS
def test_acquire(virtual: VirtualTime, kind: str) -> None:
    """acquire waits for its timeout, fails at once if it may not block, and succeeds when the lock is released."""
    lock = getattr(threading, kind)()

    def hold() -> None:
        with lock:
            time.sleep(30)

    owner = threading.Thread(target=hold)
    owner.start()
    time.sleep(1)
    assert not lock.acquire(False) and virtual.now == 1
    assert not lock.acquire(timeout=9) and virtual.now == 10
    assert lock.acquire(timeout=99) and virtual.now == 30
    lock.release()
    owner.join()


def test_a_lock_that_is_acquired_twice(virtual: VirtualTime) -> None:
    """An RLock is free after its last release; a condition's wait releases it fully, and acquires it as often again."""
    lock = threading.RLock()
    condition, seen = threading.Condition(lock), list[float]()

    def other() -> None:
        time.sleep(5)
        with lock:
            seen.append(virtual.now)
            condition.notify()

    thread = threading.Thread(target=other)
    thread.start()
    with lock, lock:
        assert condition.wait(60)
        assert virtual.now == 5
        time.sleep(5)
        assert not outside_thread_gets(lock)
    assert seen == [5]
    thread.join()
    with pytest.raises(RuntimeError):
        lock.release()


def outside_thread_gets(lock: Any) -> bool:
    """Say whether a thread outside virtual time gets the lock at once."""
    return bool(run_outside(lambda: lock.acquire(False) and (lock.release(), True)[1]))


@KINDS
def test_a_lock_is_shared_with_threads_outside(virtual: VirtualTime, kind: str) -> None:
    """A thread outside virtual time waits for such a lock in real time, and gets it when it is released."""
    lock = getattr(threading, kind)()
    lock.acquire()
    assert not outside_thread_gets(lock)
    assert not run_outside(lambda: lock.acquire(timeout=0.01))
    lock.release()
    assert outside_thread_gets(lock)


@KINDS
def test_a_lock_at_the_address_of_a_dropped_one(virtual: VirtualTime, kind: str) -> None:
    """A wait for an outside thread's lock is real, even at the address of a lock that was dropped while it was held."""
    make = getattr(threading, kind)
    dropped = [make() for _ in range(50)]
    addresses = {id(lock) for lock in dropped if lock.acquire()}
    dropped.clear()
    held, has_taken = list[Any](), threading.Event()

    def hold() -> None:
        made = list[Any]()
        while not held and len(made) < 100_000:  # in the end they fill all gaps in the memory for objects of their size
            made.append(make())
            held.extend(lock for lock in made[-1:] if id(lock) in addresses and lock.acquire())
        has_taken.set()
        time.sleep(0.05)
        for lock in held:
            lock.release()

    run_outside(lambda: (_thread.start_new_thread(hold, ()), has_taken.wait()))
    assert held, "No new lock has the address of a dropped one."
    assert held[0].acquire(timeout=600) and virtual.now < 600
    held[0].release()


def test_the_class_of_a_lock(serve: Serve) -> None:
    """A lock made in virtual time has the usual class, works in unions of types, and still works after the block."""
    before = threading.Lock()
    with serve():
        made, again = threading.Lock(), threading.RLock()
        assert type(made) is type(before)
        if sys.version_info >= (3, 13):
            assert isinstance(made, threading.Lock)
            assert isinstance(made, None | threading.Lock)
    for lock in (made, again):
        with lock:
            assert not outside_thread_gets(lock)
        assert outside_thread_gets(lock)


def test_an_event_works_after_the_block(serve: Serve) -> None:
    """A wait for an event that was made in virtual time is real after the block."""
    with serve():
        event = threading.Event()
    assert not event.wait(0.01)
    threading.Timer(0.01, event.set).start()
    assert event.wait(5)


def test_many_threads_and_one_lock(virtual: VirtualTime) -> None:
    """No wake-up is lost if many threads wait for one lock at the same moments, with and without timeouts."""
    lock, acquired = threading.Lock(), list[int]()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)

    def work(number: int) -> None:
        for turn in range(20):
            if lock.acquire(timeout=0.5 if turn % 3 else -1):
                acquired.append(number)
                time.sleep(0.1 * (turn % 2))
                lock.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert len(acquired) >= 8 * 7
