"""Locks that a participant makes: their owners may sleep, and whoever waits for them waits in virtual time."""

from __future__ import annotations

import _thread
import sys
import threading
import time
from typing import Any

import pytest
from tests.virtual.conftest import Elsewhere, Env

KINDS = pytest.mark.parametrize("kind", ["Lock", "RLock"])


class Limiter:
    """A token bucket as many are written: its lock is held while it sleeps."""

    def __init__(self, lock: Any, interval: float) -> None:
        self._lock, self._interval, self._next = lock, interval, 0.0

    def take(self) -> None:
        with self._lock:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self._interval


@KINDS
def test_a_limiter_that_sleeps_in_its_lock(still: Env, kind: str) -> None:
    """Threads that share a limiter get their turns one interval after the other."""
    limiter, turns = Limiter(getattr(threading, kind)(), 2), list[float]()

    def work() -> None:
        for _ in range(5):
            limiter.take()
            turns.append(still.now)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(turns) == [2 * turn for turn in range(20)]


@KINDS
def test_acquire(still: Env, kind: str) -> None:
    """acquire takes its timeout, fails at once where it may not block, and succeeds once the lock is given up."""
    lock = getattr(threading, kind)()

    def own() -> None:
        with lock:
            time.sleep(30)

    owner = threading.Thread(target=own)
    owner.start()
    time.sleep(1)
    assert not lock.acquire(False) and still.now == 1
    assert not lock.acquire(timeout=9) and still.now == 10
    assert lock.acquire(timeout=99) and still.now == 30
    lock.release()
    owner.join()


def test_a_lock_taken_several_times(still: Env) -> None:
    """An RLock is given up at the last release, and a condition gives it up altogether, and takes it back as it was."""
    lock = threading.RLock()
    condition, seen = threading.Condition(lock), list[float]()

    def other() -> None:
        time.sleep(5)
        with lock:
            seen.append(still.now)
            condition.notify()

    thread = threading.Thread(target=other)
    thread.start()
    with lock, lock:
        assert condition.wait(60)
        assert still.now == 5
        time.sleep(5)
        assert not elsewhere_gets(lock)
    assert seen == [5]
    thread.join()
    with pytest.raises(RuntimeError):
        lock.release()


def elsewhere_gets(lock: Any) -> bool:
    """Say whether a thread that takes no part gets the lock at once."""
    return bool(Elsewhere()(lambda: lock.acquire(False) and (lock.release(), True)[1]))


@KINDS
def test_a_lock_is_one_for_everybody(still: Env, kind: str) -> None:
    """A thread that takes no part waits for such a lock really, and is waited for."""
    lock = getattr(threading, kind)()
    lock.acquire()
    assert not elsewhere_gets(lock)
    assert not Elsewhere()(lambda: lock.acquire(timeout=0.01))
    lock.release()
    assert elsewhere_gets(lock)


@KINDS
def test_a_lock_in_the_place_of_a_dropped_one(still: Env, elsewhere: Elsewhere, kind: str) -> None:
    """A lock of an older thread is something real, also where one that was dropped while it was held lay before."""
    make = getattr(threading, kind)
    dropped = [make() for _ in range(50)]
    places = {id(lock) for lock in dropped if lock.acquire()}
    dropped.clear()
    held, has_taken = list[Any](), threading.Event()

    def hold() -> None:
        made = list[Any]()
        while not held and len(made) < 100_000:  # in the end they fill all gaps in the memory for things of their size
            made.append(make())
            held.extend(lock for lock in made[-1:] if id(lock) in places and lock.acquire())
        has_taken.set()
        time.sleep(0.05)
        for lock in held:
            lock.release()

    elsewhere(lambda: (_thread.start_new_thread(hold, ()), has_taken.wait()))
    assert held, "no lock lies where one lay before"
    assert held[0].acquire(timeout=600) and still.now < 600
    held[0].release()


def test_a_lock_is_of_its_own_class(env: Any) -> None:
    """A lock made in virtual time is of the usual class, for unions too, and serves on when the block has ended."""
    before = threading.Lock()
    with env():
        made, again = threading.Lock(), threading.RLock()
        assert type(made) is type(before)
        if sys.version_info >= (3, 13):
            assert isinstance(made, threading.Lock)
            assert isinstance(made, None | threading.Lock)
    for lock in (made, again):
        with lock:
            assert not elsewhere_gets(lock)
        assert elsewhere_gets(lock)


def test_events_and_queues_work_in_both_times(env: Any) -> None:
    """An event made in virtual time is waited for in real time afterwards."""
    with env():
        event = threading.Event()
    assert not event.wait(0.01)
    threading.Timer(0.01, event.set).start()
    assert event.wait(5)


def test_many_threads_and_one_lock(still: Env) -> None:
    """No wake-up is lost where many threads want one lock at the same moments, for longer and for shorter."""
    lock, count = threading.Lock(), list[int]()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)

    def work(number: int) -> None:
        for turn in range(20):
            if lock.acquire(timeout=0.5 if turn % 3 else -1):
                count.append(number)
                time.sleep(0.1 * (turn % 2))
                lock.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert len(count) >= 8 * 7
