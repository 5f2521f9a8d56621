"""Module signal: alarms of the process, and waits for signals."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import Any

from tests.virtual.matrix.cells import IN_MAIN_THREAD, Exact, Real, Refused, construct
from tests.virtual.matrix.ground import Ground

OWN: dict[str, Any] = {"places": IN_MAIN_THREAD, "because": "signal handlers are set in the main thread"}


def _called(number: int = signal.SIGALRM) -> list[float]:
    """Return a list that tells when a signal came."""
    told: list[float] = []
    before = time.monotonic()
    signal.signal(number, lambda *_: told.append(time.monotonic() - before))
    return told


@construct(Exact(62), **OWN)
def alarm(at: Ground) -> None:
    """`alarm(30)` beside `time.sleep(62)`"""
    told = _called()
    signal.alarm(30)
    time.sleep(62)
    at.holds(told == [30], f"the alarm came at {told}")


@construct(Exact(62), **OWN)
def setitimer(at: Ground) -> None:
    """`setitimer(ITIMER_REAL, 20, 20)` beside `time.sleep(62)`"""
    told = _called()
    signal.setitimer(signal.ITIMER_REAL, 20, 20)
    time.sleep(62)
    at.holds(told == [20, 40, 60], f"the alarm came at {told}")


class _Late(Exception):
    """The alarm's handler raised it."""


@construct(Exact(30), **OWN)
def alarm_raises(at: Ground) -> None:
    """`alarm(30)` whose handler raises in `time.sleep(62)`"""

    def late(*_: Any) -> None:
        raise _Late

    signal.signal(signal.SIGALRM, late)
    signal.alarm(30)
    try:
        time.sleep(62)
        at.holds(False, "it didn't raise")
    except _Late:
        pass


@construct(Exact(62), **OWN)
def alarm_cancelled(at: Ground) -> None:
    """`alarm(30)`, then `alarm(0)`, which tells what was left"""
    told = _called()
    signal.alarm(30)
    time.sleep(10)
    at.holds(signal.alarm(0) == 20, "another rest")
    time.sleep(52)
    at.holds(told == [], f"the alarm came at {told}")


@construct(Real("it counts the processor's time", 0.05), **OWN)
def setitimer_virtual(at: Ground) -> None:
    """`setitimer(ITIMER_VIRTUAL, 0.05)` while the thread works"""
    told = _called(signal.SIGVTALRM)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
    while not told:
        pass


@construct(Exact(30), Refused("pause"), **OWN)
def pause(at: Ground) -> None:
    """`alarm(30)`, `pause()`"""
    _called()
    signal.alarm(30)
    signal.pause()


@construct(Exact(62), Refused("sigtimedwait"))
def sigtimedwait(at: Ground) -> None:
    """`sigtimedwait(…, 62)`"""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    at.holds(signal.sigtimedwait({signal.SIGUSR1}, at.span(62)) is None, "a signal came")


@construct(Exact(30), Refused("sigwait"))
def sigwait(at: Ground) -> None:
    """`sigwait(…)`, a thread sends it after 30 s"""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    me = threading.get_ident()
    at.later(30, lambda: signal.pthread_kill(me, signal.SIGUSR1))
    signal.sigwait({signal.SIGUSR1})


@construct(Exact(62), **OWN)
def kill_beside_a_sleep(at: Ground) -> None:
    """a thread sends a signal after 30 s of `time.sleep(62)`"""
    told = _called(signal.SIGUSR1)
    at.later(30, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    time.sleep(62)
    at.holds(told == [30], f"it came at {told}")


@construct(Exact(30), **OWN)
def set_wakeup_fd(at: Ground) -> None:
    """`set_wakeup_fd`, a thread sends a signal after 30 s"""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    ours.settimeout(62)
    _called(signal.SIGUSR1)
    before = signal.set_wakeup_fd(theirs.fileno())
    at.later(30, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    at.holds(ours.recv(1), "nothing came")
    signal.set_wakeup_fd(before)
