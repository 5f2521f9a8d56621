"""Threads of a client: whatever they wait for in each other, they wait in virtual time."""

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
from tests.virtual.conftest import Elsewhere, Env


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
def test_timeouts(still: Env, wait: Callable[[], Any]) -> None:
    """A wait that nobody ends takes its timeout, exactly."""
    wait()
    assert still.now == 62


def after(seconds: float, function: Callable[[], Any]) -> threading.Thread:
    """Do something in a thread so many seconds from now."""

    def run() -> None:
        time.sleep(seconds)
        function()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_waits_that_are_ended(still: Env) -> None:
    """A wait that another thread ends takes as long as that thread lets it."""
    event, full, gate = threading.Event(), queue.Queue[int](1), threading.Semaphore(0)
    barrier = threading.Barrier(2)
    threads = [after(10, event.set), after(20, lambda: full.put(1)), after(30, gate.release), after(40, barrier.wait)]
    seen = [(event.wait(99), still.now), (full.get(timeout=99), still.now)]
    seen += [(gate.acquire(timeout=99), still.now), (barrier.wait(99) in (0, 1), still.now)]
    assert seen == [(True, 10), (1, 20), (True, 30), (True, 40)]
    for thread in threads:
        thread.join()
    assert still.now == 40


def test_a_full_queue(still: Env) -> None:
    """Whoever puts into a full queue waits for room in virtual time."""
    full = queue.Queue[int](1)
    full.put(1)
    after(15, full.get)
    full.put(2)
    assert still.now == 15


def test_join(still: Env) -> None:
    """Thread.join takes its timeout, or until the thread's end."""
    thread = after(100, int)
    thread.join(30)
    assert thread.is_alive() and still.now == 30
    thread.join()
    assert not thread.is_alive() and still.now == 100


def test_timer(still: Env) -> None:
    """threading.Timer calls at its time, and not at all once cancelled."""
    called = list[float]()
    timers = [threading.Timer(45, lambda: called.append(still.now)), threading.Timer(50, called.clear)]
    for timer in timers:
        timer.start()
    time.sleep(46)
    timers[1].cancel()
    timers[0].join()
    time.sleep(60)
    assert called == [45] and still.now == 106


def test_a_thread_that_was_there_before(env: Any, elsewhere: Elsewhere) -> None:
    """A thread that was started before takes no part; what it gives is waited for in real time."""
    event, go = threading.Event(), threading.Event()

    def run() -> None:
        go.wait(5)
        time.sleep(0.05)
        event.set()

    thread = threading.Thread(target=run)
    thread.start()
    with env() as mock:
        go.set()
        assert event.wait()
        assert mock.now == 0
        thread.join()


def test_a_thread_that_outlives_the_test(env: Any) -> None:
    """A thread that still sleeps when the block ends sleeps on in real time; so does one that still waits."""
    event, woken = threading.Event(), list[str]()

    def sleeper() -> None:
        time.sleep(1.1)
        woken.append("slept")

    def waiter() -> None:
        event.wait()
        woken.append("told")

    threads = [threading.Thread(target=target) for target in (sleeper, waiter)]
    with env():
        for thread in threads:
            thread.start()
        time.sleep(1)  # which ends once the others wait
    threads[0].join(5)
    assert woken == ["slept"]
    event.set()
    threads[1].join(5)
    assert woken == ["slept", "told"]


def test_a_thread_of_a_test_that_an_error_ended(env: Any) -> None:
    """A thread that is at work when an error ends its test never begins to sleep in real time."""
    at_work, threads = threading.Event(), list[threading.Thread]()

    def stubborn(mock: Env) -> None:
        """Be at work till the end, whatever comes, and sleep then."""
        with suppress(BaseException):
            at_work.set()
            while mock.scheduler.active:
                pass
        time.sleep(3600)

    def endless() -> None:
        with env() as mock:
            threads.append(threading.Thread(target=stubborn, args=(mock,), daemon=True))
            threads[0].start()
            at_work.wait()
            mock.scheduler.fail(RuntimeError("It is over."))

    _raises(RuntimeError, endless)
    threads[0].join(10)
    assert not threads[0].is_alive()


def test_a_thread_that_raises(still: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that ends with an error leaves, and time goes on for the others."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    after(5, lambda: 1 / 0).join()
    time.sleep(5)
    assert still.now == 10


def test_a_process_is_waited_for_in_real_time(still: Env) -> None:
    """What another process does takes no virtual time; a timeout passes in real time, and then on the clock."""
    done = subprocess.run([sys.executable, "-c", "print(1)"], timeout=20, capture_output=True, check=True)
    assert done.stdout == b"1\n" and still.now == 0
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", "import time; time.sleep(9)"], timeout=0.05)
    assert still.now == 0.05
