"""Module signal: alarms of the process, and waits for signals."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import IN_MAIN_THREAD, Exact, Real, Refused, construct

OWN: dict[str, Any] = {"places": IN_MAIN_THREAD, "reason": "signal handlers are set in the main thread"}


def _signal_times(number: int = signal.SIGALRM) -> list[float]:
    """Return a list that fills with the times at which a signal came."""
    times: list[float] = []
    before = time.monotonic()
    signal.signal(number, lambda *_: times.append(time.monotonic() - before))
    return times


@construct(Exact(62), **OWN)
def alarm(cell: CellRun) -> None:
    """`alarm(30)` beside `time.sleep(62)`"""
    times = _signal_times()
    signal.alarm(30)
    time.sleep(62)
    cell.expect(times == [30], f"the alarm came at {times}")


@construct(Exact(62), **OWN)
def setitimer(cell: CellRun) -> None:
    """`setitimer(ITIMER_REAL, 20, 20)` beside `time.sleep(62)`"""
    times = _signal_times()
    signal.setitimer(signal.ITIMER_REAL, 20, 20)
    time.sleep(62)
    cell.expect(times == [20, 40, 60], f"the alarm came at {times}")


class _Late(Exception):
    """The alarm's handler raised it."""


@construct(Exact(30), **OWN)
def alarm_raises(cell: CellRun) -> None:
    """`alarm(30)` whose handler raises in `time.sleep(62)`"""

    def late(*_: Any) -> None:
        raise _Late

    signal.signal(signal.SIGALRM, late)
    signal.alarm(30)
    try:
        time.sleep(62)
        cell.expect(False, "it didn't raise")
    except _Late:
        pass


@construct(Exact(62), **OWN)
def alarm_cancelled(cell: CellRun) -> None:
    """`alarm(30)`, then `alarm(0)`, which tells what was left"""
    times = _signal_times()
    signal.alarm(30)
    time.sleep(10)
    cell.expect(signal.alarm(0) == 20, "another rest")
    time.sleep(52)
    cell.expect(times == [], f"the alarm came at {times}")


@construct(Real("it counts the processor's time", 0.05), **OWN)
def setitimer_virtual(cell: CellRun) -> None:
    """`setitimer(ITIMER_VIRTUAL, 0.05)` while the thread works"""
    times = _signal_times(signal.SIGVTALRM)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
    while not times:
        pass


@construct(Exact(30), Refused("pause"), **OWN)
def pause(cell: CellRun) -> None:
    """`alarm(30)`, `pause()`"""
    _signal_times()
    signal.alarm(30)
    signal.pause()


@construct(Exact(62), Refused("sigtimedwait"))
def sigtimedwait(cell: CellRun) -> None:
    """`sigtimedwait(…, 62)`"""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    cell.expect(signal.sigtimedwait({signal.SIGUSR1}, cell.scale(62)) is None, "a signal came")


@construct(Exact(30), Refused("sigwait"))
def sigwait(cell: CellRun) -> None:
    """`sigwait(…)`, a thread sends it after 30 s"""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    me = threading.get_ident()
    cell.run_after(30, lambda: signal.pthread_kill(me, signal.SIGUSR1))
    signal.sigwait({signal.SIGUSR1})


@construct(Exact(62), **OWN)
def kill_beside_a_sleep(cell: CellRun) -> None:
    """a thread sends a signal after 30 s of `time.sleep(62)`"""
    times = _signal_times(signal.SIGUSR1)
    cell.run_after(30, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    time.sleep(62)
    cell.expect(times == [30], f"it came at {times}")


@construct(Exact(30), **OWN)
def set_wakeup_fd(cell: CellRun) -> None:
    """`set_wakeup_fd`, a thread sends a signal after 30 s"""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    ours.settimeout(62)
    _signal_times(signal.SIGUSR1)
    before = signal.set_wakeup_fd(theirs.fileno())
    cell.run_after(30, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    cell.expect(ours.recv(1), "nothing came")
    signal.set_wakeup_fd(before)
