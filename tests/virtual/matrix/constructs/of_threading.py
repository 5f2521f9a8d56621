"""Modules threading and _thread: what threads wait for in each other."""

from __future__ import annotations

import _thread
import threading
import time

from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.ground import Ground

OLD_LOCK, OLD_RLOCK, OLD_THREAD_LOCK = threading.Lock(), threading.RLock(), _thread.allocate_lock()
OLD_EVENT, OLD_CONDITION, OLD_SEMAPHORE = threading.Event(), threading.Condition(), threading.Semaphore(0)
OLD_BARRIER = threading.Barrier(2)


@construct(Exact(62))
def event_timeout(at: Ground) -> None:
    """`Event.wait(62)`"""
    at.holds(threading.Event().wait(at.span(62)) is False, "it was set")


@construct(Exact(30))
def event_set(at: Ground) -> None:
    """`Event.wait()`, set after 30 s"""
    event = threading.Event()
    at.later(30, event.set)
    event.wait()


@construct(Exact(30))
def event_set_in_time(at: Ground) -> None:
    """`Event.wait(62)`, set after 30 s"""
    event = threading.Event()
    at.later(30, event.set)
    at.holds(event.wait(at.span(62)), "it wasn't set")


@construct(Exact(62))
def condition_timeout(at: Ground) -> None:
    """`Condition.wait(62)`"""
    condition = threading.Condition()
    with condition:
        at.holds(condition.wait(at.span(62)) is False, "it was notified")


@construct(Exact(30))
def condition_notified(at: Ground) -> None:
    """`Condition.wait(62)`, notified after 30 s"""
    condition = threading.Condition()

    def notify() -> None:
        with condition:
            condition.notify_all()

    at.later(30, notify)
    with condition:
        at.holds(condition.wait(at.span(62)), "it wasn't notified")


@construct(Exact(62))
def condition_wait_for(at: Ground) -> None:
    """`Condition.wait_for(…, 62)`"""
    condition = threading.Condition()
    with condition:
        at.holds(not condition.wait_for(lambda: False, at.span(62)), "it was true")


@construct(Exact(45))
def timer(at: Ground) -> None:
    """`Timer(45, …)`, joined"""
    called: list[float] = []
    started = threading.Timer(at.span(45), lambda: called.append(1))
    started.start()
    started.join()
    at.holds(called == [1], "it wasn't called")


@construct(Exact(62))
def timer_cancelled(at: Ground) -> None:
    """`Timer(45, …)`, cancelled"""
    called: list[float] = []
    started = threading.Timer(at.span(45), lambda: called.append(1))
    started.start()
    started.cancel()
    time.sleep(at.span(62))
    at.holds(not called, "it was called")


@construct(Exact(100))
def join(at: Ground) -> None:
    """`Thread.join()`"""
    started = at.later(100, int)
    started.join()
    at.holds(not started.is_alive(), "it is alive")


@construct(Exact(30))
def join_timeout(at: Ground) -> None:
    """`Thread.join(30)`, of a thread that sleeps 100 s"""
    started = at.later(100, int)
    started.join(at.span(30))
    at.holds(started.is_alive(), "it isn't alive")


@construct(Exact(100))
def join_in_steps(at: Ground) -> None:
    """`while thread.is_alive(): thread.join(10)`"""
    started = at.later(100, int)
    while started.is_alive():
        started.join(at.span(10))


@construct(Exact(100))
def alive_in_sleeps(at: Ground) -> None:
    """`while thread.is_alive(): time.sleep(10)`, of a thread that sleeps 95 s"""
    started = at.later(95, int)
    while started.is_alive():
        time.sleep(at.span(10))


@construct(Exact(30))
def thread_of_sleep(at: Ground) -> None:
    """`Thread(target=time.sleep, args=(30,))`"""
    started = threading.Thread(target=time.sleep, args=(at.span(30),))
    started.start()
    started.join()


class _Sleeper(threading.Thread):
    def __init__(self, seconds: float) -> None:
        super().__init__(daemon=True)
        self._seconds = seconds

    def run(self) -> None:
        time.sleep(self._seconds)


@construct(Exact(30))
def derived_thread(at: Ground) -> None:
    """a class derived from Thread"""
    started = _Sleeper(at.span(30))
    started.start()
    started.join()


@construct(Exact(12))
def daemon_left(at: Ground) -> None:
    """a daemon thread that sleeps 1,000 s and is left"""
    at.later(1000, int)
    time.sleep(at.span(12))


@construct(Exact(30))
def local(at: Ground) -> None:
    """`threading.local` beside sleeping threads"""
    mine, seen = threading.local(), list[str]()
    mine.value = "outer"

    def work() -> None:
        mine.value = "inner"
        time.sleep(at.span(30))
        seen.append(mine.value)

    started = threading.Thread(target=work)
    started.start()
    started.join()
    at.holds((mine.value, seen) == ("outer", ["inner"]), f"{mine.value}, {seen}")


@construct(Exact(60))
def ping_pong(at: Ground) -> None:
    """two threads that hand an Event to and fro"""
    there, back = threading.Event(), threading.Event()

    def answer() -> None:
        for _ in range(6):
            there.wait()
            there.clear()
            time.sleep(at.span(4))
            back.set()

    threading.Thread(target=answer, daemon=True).start()
    for _ in range(6):
        time.sleep(at.span(6))
        there.set()
        back.wait()
        back.clear()


@construct(Exact(30))
def threads_of_threads(at: Ground) -> None:
    """a thread that starts a thread, both joined"""

    def outer() -> None:
        inner = threading.Thread(target=time.sleep, args=(at.span(30),))
        inner.start()
        inner.join()

    started = threading.Thread(target=outer)
    started.start()
    started.join()


OLDER_WORK = Real("a thread older than virtual time does the work", 1.4)


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def event_of_an_older_thread(at: Ground) -> None:
    """`Event.wait()`, set by an older thread after 1.4 real s"""
    event = threading.Event()
    at.todo.put(event.set)
    event.wait()


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def event_of_an_older_thread_in_time(at: Ground) -> None:
    """`Event.wait(10)`, set by an older thread after 1.4 real s"""
    event = threading.Event()
    at.todo.put(event.set)
    at.holds(event.wait(10), "it wasn't set")


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def join_of_an_older_thread(at: Ground) -> None:
    """`join(10)` of an older thread that ends after 1.4 real s"""
    at.todo.put(None)
    at.worker.join(10)
    at.holds(not at.worker.is_alive(), "it is alive")


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def alive_of_an_older_thread(at: Ground) -> None:
    """`while older.is_alive(): time.sleep(0.1)`"""
    at.todo.put(None)
    while at.worker.is_alive():
        time.sleep(0.1)


@construct(Exact(30))
def excepthook(at: Ground) -> None:
    """a thread that ends with an error after 30 s, joined"""
    started = at.later(30, lambda: 1 / 0)
    started.join()
