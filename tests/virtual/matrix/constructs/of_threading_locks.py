"""Modules threading and _thread: locks, and objects that were made before the test."""

from __future__ import annotations

import _thread
import threading
import time
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Refused, construct

OLD_LOCK, OLD_RLOCK, OLD_THREAD_LOCK = threading.Lock(), threading.RLock(), _thread.allocate_lock()
OLD_EVENT, OLD_CONDITION, OLD_SEMAPHORE = threading.Event(), threading.Condition(), threading.Semaphore(0)
OLD_BARRIER = threading.Barrier(2)


@construct(Exact(62))
def condition_on_a_lock(cell: CellRun) -> None:
    """`Condition(Lock()).wait(62)`"""
    condition = threading.Condition(threading.Lock())
    with condition:
        cell.expect(condition.wait(cell.scale(62)) is False, "it was notified")


@construct(Exact(62))
def semaphore_timeout(cell: CellRun) -> None:
    """`Semaphore.acquire(timeout=62)`"""
    cell.expect(not threading.Semaphore(0).acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(30))
def semaphore_released(cell: CellRun) -> None:
    """`with Semaphore(…)`, released after 30 s"""
    gate = threading.Semaphore(0)
    cell.run_after(30, gate.release)
    with gate:
        pass


@construct(Exact(62))
def bounded_semaphore(cell: CellRun) -> None:
    """`BoundedSemaphore.acquire(timeout=62)`"""
    gate = threading.BoundedSemaphore(1)
    gate.acquire()
    cell.expect(not gate.acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(62))
def barrier_timeout(cell: CellRun) -> None:
    """`Barrier.wait(62)`"""
    try:
        threading.Barrier(2).wait(cell.scale(62))
        cell.expect(False, "it wasn't broken")
    except threading.BrokenBarrierError:
        pass


@construct(Exact(30))
def barrier_met(cell: CellRun) -> None:
    """`Barrier.wait()`, met after 30 s"""
    barrier = threading.Barrier(2)
    cell.run_after(30, barrier.wait)
    barrier.wait()


@construct(Exact(62))
def lock_timeout(cell: CellRun) -> None:
    """`Lock.acquire(timeout=62)`"""
    lock = threading.Lock()
    lock.acquire()
    cell.expect(not lock.acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(30))
def lock_released(cell: CellRun) -> None:
    """`with Lock()`, held by a thread that sleeps 30 s"""
    lock = threading.Lock()
    lock.acquire()
    cell.run_after(30, lock.release)
    with lock:
        pass


@construct(Exact(30))
def rlock_timeout(cell: CellRun) -> None:
    """`RLock.acquire(timeout=30)`, held by a thread that sleeps 62 s"""
    lock, held = threading.RLock(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            time.sleep(cell.scale(62))

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    cell.expect(not lock.acquire(timeout=cell.scale(30)), "it was free")


@construct(Exact(30))
def rlock_released(cell: CellRun) -> None:
    """`with RLock()`, held by a thread that sleeps 30 s"""
    lock, held = threading.RLock(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            time.sleep(cell.scale(30))

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    with lock:
        pass


@construct(Exact(62), Refused("acquire"))
def old_lock_timeout(cell: CellRun) -> None:
    """`acquire(timeout=62)` of a Lock made before"""
    OLD_LOCK.acquire()
    cell.expect(not OLD_LOCK.acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(30), Refused("OLD_LOCK|acquire|__enter__"))
def old_lock_released(cell: CellRun) -> None:
    """`with` a Lock made before, held by a thread that sleeps 30 s"""
    OLD_LOCK.acquire()
    cell.run_after(30, OLD_LOCK.release)
    with OLD_LOCK:
        pass


@construct(Exact(62), Refused("acquire"))
def old_lock_for_ever(cell: CellRun) -> None:
    """`acquire()` of a Lock made before, held by a thread that sleeps 62 s"""
    OLD_LOCK.acquire()
    cell.run_after(62, OLD_LOCK.release)
    OLD_LOCK.acquire()


@construct(Exact(30), Refused("acquire"))
def old_rlock_timeout(cell: CellRun) -> None:
    """`acquire(timeout=30)` of an RLock made before, held by a thread that sleeps 62 s"""
    held = threading.Event()

    def hold() -> None:
        with OLD_RLOCK:
            held.set()
            time.sleep(cell.scale(62))

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    cell.expect(not OLD_RLOCK.acquire(timeout=cell.scale(30)), "it was free")


@construct(Exact(62))
def old_event(cell: CellRun) -> None:
    """`wait(62)` of an Event made before"""
    cell.expect(not OLD_EVENT.wait(cell.scale(62)), "it was set")


@construct(Exact(30))
def old_condition(cell: CellRun) -> None:
    """`wait(62)` of a Condition made before, notified after 30 s"""

    def notify() -> None:
        with OLD_CONDITION:
            OLD_CONDITION.notify()

    cell.run_after(30, notify)
    with OLD_CONDITION:
        cell.expect(OLD_CONDITION.wait(cell.scale(62)), "it wasn't notified")


@construct(Exact(62))
def old_semaphore(cell: CellRun) -> None:
    """`acquire(timeout=62)` of a Semaphore made before"""
    cell.expect(not OLD_SEMAPHORE.acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(30))
def old_barrier(cell: CellRun) -> None:
    """`wait()` of a Barrier made before, met after 30 s"""
    cell.run_after(30, OLD_BARRIER.wait)
    OLD_BARRIER.wait()


@construct(Exact(30))
def start_new_thread(cell: CellRun) -> None:
    """`_thread.start_new_thread`, waited for by an Event"""
    done = threading.Event()

    def work() -> None:
        time.sleep(cell.scale(30))
        done.set()

    _thread.start_new_thread(work, ())
    done.wait()


@construct(Exact(30))
def allocate_lock(cell: CellRun) -> None:
    """`_thread.allocate_lock`, released after 30 s"""
    lock = _thread.allocate_lock()
    lock.acquire()
    cell.run_after(30, lock.release)
    lock.acquire()


@construct(Exact(62))
def allocate_lock_timeout(cell: CellRun) -> None:
    """`_thread.allocate_lock().acquire(timeout=62)`"""
    lock = _thread.allocate_lock()
    lock.acquire()
    cell.expect(not lock.acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(62), Refused("acquire"))
def old_thread_lock(cell: CellRun) -> None:
    """`acquire(timeout=62)` of a `_thread` lock made before"""
    OLD_THREAD_LOCK.acquire()
    cell.expect(not OLD_THREAD_LOCK.acquire(timeout=cell.scale(62)), "it was free")


@construct(Exact(0), since=(3, 13))
def lock_as_a_type(cell: CellRun) -> None:
    """`None | threading.Lock`, `case threading.Lock():`"""
    lock: Any = threading.Lock()
    cell.expect(isinstance(lock, None | threading.Lock), "it is no Lock")
    match lock:
        case threading.Lock():
            pass
        case _:
            cell.expect(False, "it doesn't match")
