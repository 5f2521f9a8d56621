"""Modules threading and _thread: locks, and what was made before the test."""

from __future__ import annotations

import _thread
import threading
import time
from typing import Any

from tests.virtual.matrix.cells import Exact, Refused, construct
from tests.virtual.matrix.ground import Ground

OLD_LOCK, OLD_RLOCK, OLD_THREAD_LOCK = threading.Lock(), threading.RLock(), _thread.allocate_lock()
OLD_EVENT, OLD_CONDITION, OLD_SEMAPHORE = threading.Event(), threading.Condition(), threading.Semaphore(0)
OLD_BARRIER = threading.Barrier(2)


@construct(Exact(62))
def condition_on_a_lock(at: Ground) -> None:
    """`Condition(Lock()).wait(62)`"""
    condition = threading.Condition(threading.Lock())
    with condition:
        at.holds(condition.wait(at.span(62)) is False, "it was notified")


@construct(Exact(62))
def semaphore_timeout(at: Ground) -> None:
    """`Semaphore.acquire(timeout=62)`"""
    at.holds(not threading.Semaphore(0).acquire(timeout=at.span(62)), "it was free")


@construct(Exact(30))
def semaphore_released(at: Ground) -> None:
    """`with Semaphore(…)`, released after 30 s"""
    gate = threading.Semaphore(0)
    at.later(30, gate.release)
    with gate:
        pass


@construct(Exact(62))
def bounded_semaphore(at: Ground) -> None:
    """`BoundedSemaphore.acquire(timeout=62)`"""
    gate = threading.BoundedSemaphore(1)
    gate.acquire()
    at.holds(not gate.acquire(timeout=at.span(62)), "it was free")


@construct(Exact(62))
def barrier_timeout(at: Ground) -> None:
    """`Barrier.wait(62)`"""
    try:
        threading.Barrier(2).wait(at.span(62))
        at.holds(False, "it wasn't broken")
    except threading.BrokenBarrierError:
        pass


@construct(Exact(30))
def barrier_met(at: Ground) -> None:
    """`Barrier.wait()`, met after 30 s"""
    barrier = threading.Barrier(2)
    at.later(30, barrier.wait)
    barrier.wait()


@construct(Exact(62))
def lock_timeout(at: Ground) -> None:
    """`Lock.acquire(timeout=62)`"""
    lock = threading.Lock()
    lock.acquire()
    at.holds(not lock.acquire(timeout=at.span(62)), "it was free")


@construct(Exact(30))
def lock_released(at: Ground) -> None:
    """`with Lock()`, held by a thread that sleeps 30 s"""
    lock = threading.Lock()
    lock.acquire()
    at.later(30, lock.release)
    with lock:
        pass


@construct(Exact(30))
def rlock_timeout(at: Ground) -> None:
    """`RLock.acquire(timeout=30)`, held by a thread that sleeps 62 s"""
    lock, held = threading.RLock(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            time.sleep(at.span(62))

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    at.holds(not lock.acquire(timeout=at.span(30)), "it was free")


@construct(Exact(30))
def rlock_released(at: Ground) -> None:
    """`with RLock()`, held by a thread that sleeps 30 s"""
    lock, held = threading.RLock(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            time.sleep(at.span(30))

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    with lock:
        pass


@construct(Exact(62), Refused("acquire"))
def old_lock_timeout(at: Ground) -> None:
    """`acquire(timeout=62)` of a Lock made before"""
    OLD_LOCK.acquire()
    at.holds(not OLD_LOCK.acquire(timeout=at.span(62)), "it was free")


@construct(Exact(30), Refused("OLD_LOCK|acquire|__enter__"))
def old_lock_released(at: Ground) -> None:
    """`with` a Lock made before, held by a thread that sleeps 30 s"""
    OLD_LOCK.acquire()
    at.later(30, OLD_LOCK.release)
    with OLD_LOCK:
        pass


@construct(Exact(62), Refused("acquire"))
def old_lock_for_ever(at: Ground) -> None:
    """`acquire()` of a Lock made before, held by a thread that sleeps 62 s"""
    OLD_LOCK.acquire()
    at.later(62, OLD_LOCK.release)
    OLD_LOCK.acquire()


@construct(Exact(30), Refused("acquire"))
def old_rlock_timeout(at: Ground) -> None:
    """`acquire(timeout=30)` of an RLock made before, held by a thread that sleeps 62 s"""
    held = threading.Event()

    def hold() -> None:
        with OLD_RLOCK:
            held.set()
            time.sleep(at.span(62))

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    at.holds(not OLD_RLOCK.acquire(timeout=at.span(30)), "it was free")


@construct(Exact(62))
def old_event(at: Ground) -> None:
    """`wait(62)` of an Event made before"""
    at.holds(not OLD_EVENT.wait(at.span(62)), "it was set")


@construct(Exact(30))
def old_condition(at: Ground) -> None:
    """`wait(62)` of a Condition made before, notified after 30 s"""

    def notify() -> None:
        with OLD_CONDITION:
            OLD_CONDITION.notify()

    at.later(30, notify)
    with OLD_CONDITION:
        at.holds(OLD_CONDITION.wait(at.span(62)), "it wasn't notified")


@construct(Exact(62))
def old_semaphore(at: Ground) -> None:
    """`acquire(timeout=62)` of a Semaphore made before"""
    at.holds(not OLD_SEMAPHORE.acquire(timeout=at.span(62)), "it was free")


@construct(Exact(30))
def old_barrier(at: Ground) -> None:
    """`wait()` of a Barrier made before, met after 30 s"""
    at.later(30, OLD_BARRIER.wait)
    OLD_BARRIER.wait()


@construct(Exact(30))
def start_new_thread(at: Ground) -> None:
    """`_thread.start_new_thread`, waited for by an Event"""
    done = threading.Event()

    def work() -> None:
        time.sleep(at.span(30))
        done.set()

    _thread.start_new_thread(work, ())
    done.wait()


@construct(Exact(30))
def allocate_lock(at: Ground) -> None:
    """`_thread.allocate_lock`, released after 30 s"""
    lock = _thread.allocate_lock()
    lock.acquire()
    at.later(30, lock.release)
    lock.acquire()


@construct(Exact(62))
def allocate_lock_timeout(at: Ground) -> None:
    """`_thread.allocate_lock().acquire(timeout=62)`"""
    lock = _thread.allocate_lock()
    lock.acquire()
    at.holds(not lock.acquire(timeout=at.span(62)), "it was free")


@construct(Exact(62), Refused("acquire"))
def old_thread_lock(at: Ground) -> None:
    """`acquire(timeout=62)` of a `_thread` lock made before"""
    OLD_THREAD_LOCK.acquire()
    at.holds(not OLD_THREAD_LOCK.acquire(timeout=at.span(62)), "it was free")


@construct(Exact(0), since=(3, 13))
def lock_as_a_type(at: Ground) -> None:
    """`None | threading.Lock`, `case threading.Lock():`"""
    lock: Any = threading.Lock()
    at.holds(isinstance(lock, None | threading.Lock), "it is no Lock")
    match lock:
        case threading.Lock():
            pass
        case _:
            at.holds(False, "it doesn't match")
