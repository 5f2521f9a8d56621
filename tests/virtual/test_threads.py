"""Threads of a client that wait for each other wait in virtual time."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.virtual.conftest import Serve, ServedMock, VirtualTime


def _raises(kind: type[Exception], function: Callable[[], Any]) -> None:
    with pytest.raises(kind):
        function()


def _condition() -> None:
    condition = threading.Condition()
    with condition:
        assert not condition.wait(62)


def _condition_for() -> None:
    condition = threading.Condition(threading.Lock())
    with condition:
        assert not condition.wait_for(lambda: False, 62)


TIMEOUTS: dict[str, Callable[[], Any]] = {
    "event": lambda: threading.Event().wait(62),
    "condition": _condition,
    "condition, for": _condition_for,
    "queue": lambda: _raises(queue.Empty, lambda: queue.Queue[int]().get(timeout=62)),
    "semaphore": lambda: threading.Semaphore(0).acquire(timeout=62),
    "barrier": lambda: _raises(threading.BrokenBarrierError, lambda: threading.Barrier(2).wait(62)),
}


@pytest.mark.parametrize("wait", TIMEOUTS.values(), ids=TIMEOUTS)
def test_timeouts(virtual: VirtualTime, wait: Callable[[], Any]) -> None:
    """A wait that nothing ends takes exactly its timeout."""
    wait()
    assert virtual.now == 62


def after(seconds: float, function: Callable[[], Any]) -> threading.Thread:
    """Call a function in a thread, so many seconds from now."""

    def run() -> None:
        time.sleep(seconds)
        function()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_waits_that_are_ended(virtual: VirtualTime) -> None:
    """A wait that another thread ends takes until that moment."""
    event, full, gate = threading.Event(), queue.Queue[int](1), threading.Semaphore(0)
    barrier = threading.Barrier(2)
    threads = [after(10, event.set), after(20, lambda: full.put(1)), after(30, gate.release), after(40, barrier.wait)]
    seen = [(event.wait(99), virtual.now), (full.get(timeout=99), virtual.now)]
    seen += [(gate.acquire(timeout=99), virtual.now), (barrier.wait(99) in (0, 1), virtual.now)]
    assert seen == [(True, 10), (1, 20), (True, 30), (True, 40)]
    for thread in threads:
        thread.join()
    assert virtual.now == 40


def test_a_full_queue(virtual: VirtualTime) -> None:
    """`put` into a full queue waits for room in virtual time."""
    full = queue.Queue[int](1)
    full.put(1)
    after(15, full.get)
    full.put(2)
    assert virtual.now == 15


def test_join(virtual: VirtualTime) -> None:
    """Thread.join waits for its timeout, or until the thread's end."""
    thread = after(100, int)
    thread.join(30)
    assert thread.is_alive() and virtual.now == 30
    thread.join()
    assert not thread.is_alive() and virtual.now == 100


def test_timer(virtual: VirtualTime) -> None:
    """threading.Timer calls its function at its time, and a cancelled timer never does."""
    called = list[float]()
    timers = [threading.Timer(45, lambda: called.append(virtual.now)), threading.Timer(50, called.clear)]
    for timer in timers:
        timer.start()
    time.sleep(46)
    timers[1].cancel()
    timers[0].join()
    time.sleep(60)
    assert called == [45] and virtual.now == 106


def test_an_older_thread(serve: Serve) -> None:
    """A thread that is older than virtual time runs in real time, and so does a wait for it."""
    event, go = threading.Event(), threading.Event()

    def run() -> None:
        go.wait(5)
        time.sleep(0.05)
        event.set()

    thread = threading.Thread(target=run)
    thread.start()
    with serve() as mock:
        go.set()
        assert event.wait()
        assert mock.now == 0
        thread.join()


def test_a_thread_that_outlives_the_test(serve: Serve) -> None:
    """A thread that sleeps or waits at the end of the block goes on in real time."""
    event, woken = threading.Event(), list[str]()

    def sleeper() -> None:
        time.sleep(1.1)
        woken.append("slept")

    def waiter() -> None:
        event.wait()
        woken.append("waited")

    threads = [threading.Thread(target=target) for target in (sleeper, waiter)]
    with serve():
        for thread in threads:
            thread.start()
        time.sleep(1)  # it ends when the others wait
    threads[0].join(5)
    assert woken == ["slept"]
    event.set()
    threads[1].join(5)
    assert woken == ["slept", "waited"]


def test_a_thread_that_outlives_a_failed_test(serve: Serve) -> None:
    """A thread that works when an error ends its test is ended too, before it sleeps in real time."""
    started, threads = threading.Event(), list[threading.Thread]()

    def work_and_sleep(mock: ServedMock) -> None:
        """Work until virtual time ends, suppress every error, and then sleep."""
        with suppress(BaseException):
            started.set()
            while mock.scheduler.active:
                pass
        time.sleep(3600)

    def failing_test() -> None:
        with serve() as mock:
            threads.append(threading.Thread(target=work_and_sleep, args=(mock,), daemon=True))
            threads[0].start()
            started.wait()
            mock.scheduler.fail(RuntimeError("It is over."))

    _raises(RuntimeError, failing_test)
    threads[0].join(10)
    assert not threads[0].is_alive()


def test_a_thread_that_raises(virtual: VirtualTime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that ends with an error doesn't keep time from moving for the others."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    after(5, lambda: 1 / 0).join()
    time.sleep(5)
    assert virtual.now == 10


def test_a_wait_for_a_process_is_real(virtual: VirtualTime) -> None:
    """A wait for a process takes real time and no virtual time; a timeout passes in real time, then on the clock."""
    done = subprocess.run([sys.executable, "-c", "print(1)"], timeout=20, capture_output=True, check=True)
    assert done.stdout == b"1\n" and virtual.now == 0
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", "import time; time.sleep(9)"], timeout=0.05)
    assert virtual.now == 0.05
