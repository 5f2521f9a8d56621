"""Modules threading and _thread: events, conditions, barriers, timers and joins."""

from __future__ import annotations

import _thread
import threading
import time

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

OLD_LOCK, OLD_RLOCK, OLD_THREAD_LOCK = threading.Lock(), threading.RLock(), _thread.allocate_lock()
OLD_EVENT, OLD_CONDITION, OLD_SEMAPHORE = threading.Event(), threading.Condition(), threading.Semaphore(0)
OLD_BARRIER = threading.Barrier(2)


@construct(Exact(62))
def event_timeout(cell: CellRun) -> None:
    """`Event.wait(62)`"""
    cell.expect(threading.Event().wait(cell.scale(62)) is False, "it was set")


@construct(Exact(30))
def event_set(cell: CellRun) -> None:
    """`Event.wait()`, set after 30 s"""
    event = threading.Event()
    cell.run_after(30, event.set)
    event.wait()


@construct(Exact(30))
def event_set_in_time(cell: CellRun) -> None:
    """`Event.wait(62)`, set after 30 s"""
    event = threading.Event()
    cell.run_after(30, event.set)
    cell.expect(event.wait(cell.scale(62)), "it wasn't set")


@construct(Exact(62))
def condition_timeout(cell: CellRun) -> None:
    """`Condition.wait(62)`"""
    condition = threading.Condition()
    with condition:
        cell.expect(condition.wait(cell.scale(62)) is False, "it was notified")


@construct(Exact(30))
def condition_notified(cell: CellRun) -> None:
    """`Condition.wait(62)`, notified after 30 s"""
    condition = threading.Condition()

    def notify() -> None:
        with condition:
            condition.notify_all()

    cell.run_after(30, notify)
    with condition:
        cell.expect(condition.wait(cell.scale(62)), "it wasn't notified")


@construct(Exact(62))
def condition_wait_for(cell: CellRun) -> None:
    """`Condition.wait_for(…, 62)`"""
    condition = threading.Condition()
    with condition:
        cell.expect(not condition.wait_for(lambda: False, cell.scale(62)), "it was true")


@construct(Exact(45))
def timer(cell: CellRun) -> None:
    """`Timer(45, …)`, joined"""
    called: list[float] = []
    started = threading.Timer(cell.scale(45), lambda: called.append(1))
    started.start()
    started.join()
    cell.expect(called == [1], "it wasn't called")


@construct(Exact(62))
def timer_cancelled(cell: CellRun) -> None:
    """`Timer(45, …)`, cancelled"""
    called: list[float] = []
    started = threading.Timer(cell.scale(45), lambda: called.append(1))
    started.start()
    started.cancel()
    time.sleep(cell.scale(62))
    cell.expect(not called, "it was called")


@construct(Exact(100))
def join(cell: CellRun) -> None:
    """`Thread.join()`"""
    started = cell.run_after(100, int)
    started.join()
    cell.expect(not started.is_alive(), "it is alive")


@construct(Exact(30))
def join_timeout(cell: CellRun) -> None:
    """`Thread.join(30)`, of a thread that sleeps 100 s"""
    started = cell.run_after(100, int)
    started.join(cell.scale(30))
    cell.expect(started.is_alive(), "it isn't alive")


@construct(Exact(100))
def join_in_steps(cell: CellRun) -> None:
    """`while thread.is_alive(): thread.join(10)`"""
    started = cell.run_after(100, int)
    while started.is_alive():
        started.join(cell.scale(10))


@construct(Exact(100))
def alive_in_sleeps(cell: CellRun) -> None:
    """`while thread.is_alive(): time.sleep(10)`, of a thread that sleeps 95 s"""
    started = cell.run_after(95, int)
    while started.is_alive():
        time.sleep(cell.scale(10))


@construct(Exact(30))
def thread_of_sleep(cell: CellRun) -> None:
    """`Thread(target=time.sleep, args=(30,))`"""
    started = threading.Thread(target=time.sleep, args=(cell.scale(30),))
    started.start()
    started.join()


class _Sleeper(threading.Thread):
    def __init__(self, seconds: float) -> None:
        super().__init__(daemon=True)
        self._seconds = seconds

    def run(self) -> None:
        time.sleep(self._seconds)


@construct(Exact(30))
def derived_thread(cell: CellRun) -> None:
    """a class derived from Thread"""
    started = _Sleeper(cell.scale(30))
    started.start()
    started.join()


@construct(Exact(12))
def daemon_left(cell: CellRun) -> None:
    """a daemon thread that sleeps 1,000 s and is left"""
    cell.run_after(1000, int)
    time.sleep(cell.scale(12))


@construct(Exact(30))
def local(cell: CellRun) -> None:
    """`threading.local` beside sleeping threads"""
    mine, seen = threading.local(), list[str]()
    mine.value = "outer"

    def work() -> None:
        mine.value = "inner"
        time.sleep(cell.scale(30))
        seen.append(mine.value)

    started = threading.Thread(target=work)
    started.start()
    started.join()
    cell.expect((mine.value, seen) == ("outer", ["inner"]), f"{mine.value}, {seen}")


@construct(Exact(60))
def ping_pong(cell: CellRun) -> None:
    """two threads that hand an Event to and fro"""
    there, back = threading.Event(), threading.Event()

    def answer() -> None:
        for _ in range(6):
            there.wait()
            there.clear()
            time.sleep(cell.scale(4))
            back.set()

    threading.Thread(target=answer, daemon=True).start()
    for _ in range(6):
        time.sleep(cell.scale(6))
        there.set()
        back.wait()
        back.clear()


@construct(Exact(30))
def threads_of_threads(cell: CellRun) -> None:
    """a thread that starts a thread, both joined"""

    def outer() -> None:
        inner = threading.Thread(target=time.sleep, args=(cell.scale(30),))
        inner.start()
        inner.join()

    started = threading.Thread(target=outer)
    started.start()
    started.join()


OLDER_WORK = Real("a thread older than virtual time does the work", 1.4)


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def event_of_an_older_thread(cell: CellRun) -> None:
    """`Event.wait()`, set by an older thread after 1.4 real s"""
    event = threading.Event()
    cell.worker_jobs.put(event.set)
    event.wait()


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def event_of_an_older_thread_in_time(cell: CellRun) -> None:
    """`Event.wait(10)`, set by an older thread after 1.4 real s"""
    event = threading.Event()
    cell.worker_jobs.put(event.set)
    cell.expect(event.wait(10), "it wasn't set")


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def join_of_an_older_thread(cell: CellRun) -> None:
    """`join(10)` of an older thread that ends after 1.4 real s"""
    cell.worker_jobs.put(None)
    cell.worker.join(10)
    cell.expect(not cell.worker.is_alive(), "it is alive")


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def alive_of_an_older_thread(cell: CellRun) -> None:
    """`while older.is_alive(): time.sleep(0.1)`"""
    cell.worker_jobs.put(None)
    while cell.worker.is_alive():
        time.sleep(0.1)


@construct(Exact(30))
def excepthook(cell: CellRun) -> None:
    """a thread that ends with an error after 30 s, joined"""
    started = cell.run_after(30, lambda: 1 / 0)
    started.join()
