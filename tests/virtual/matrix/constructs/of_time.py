"""Module time: sleeps and readings."""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from time import sleep as imported_sleep

from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.ground import Ground

from jobmock.clock import SECOND

WORK = Real("it counts the processor's time", 0.05)


def _reads(at: Ground, clock: Callable[[], float], unit: int = 1) -> None:
    before = clock()
    time.sleep(at.span(62))
    at.tells((clock() - before) / unit, 62)


def _works(at: Ground, clock: Callable[[], float], unit: int = 1) -> None:
    before = clock()
    while clock() - before < 0.05 * unit:
        pass


@construct(Exact(62))
def sleep(at: Ground) -> None:
    """`time.sleep`"""
    time.sleep(at.span(62))


@construct(Exact(62.5))
def sleep_from_import(at: Ground) -> None:
    """`from time import sleep`"""
    imported_sleep(at.span(62.5))


@construct(Exact(0))
def sleep_nothing(at: Ground) -> None:
    """`time.sleep(0)`"""
    time.sleep(0)


@construct(Exact(3))
def sleep_shortly(at: Ground) -> None:
    """`time.sleep(0.003)`, a thousand times"""
    for _ in range(1000 if at.virtual else 10):
        time.sleep(0.003)


@construct(Exact(62))
def monotonic(at: Ground) -> None:
    """`time.monotonic`"""
    _reads(at, time.monotonic)


@construct(Exact(62))
def monotonic_ns(at: Ground) -> None:
    """`time.monotonic_ns`"""
    _reads(at, time.monotonic_ns, SECOND)


@construct(Exact(62))
def perf_counter(at: Ground) -> None:
    """`time.perf_counter`"""
    _reads(at, time.perf_counter)


@construct(Exact(62))
def perf_counter_ns(at: Ground) -> None:
    """`time.perf_counter_ns`"""
    _reads(at, time.perf_counter_ns, SECOND)


@construct(Exact(62))
def wall(at: Ground) -> None:
    """`time.time`"""
    _reads(at, time.time)


@construct(Exact(62))
def wall_ns(at: Ground) -> None:
    """`time.time_ns`"""
    _reads(at, time.time_ns, SECOND)


@construct(Exact(62))
def gmtime(at: Ground) -> None:
    """`time.gmtime`"""
    before = calendar.timegm(time.gmtime())
    time.sleep(at.span(62))
    at.about(calendar.timegm(time.gmtime()) - before, 62)


@construct(Exact(62))
def localtime(at: Ground) -> None:
    """`time.localtime`"""
    before = time.mktime(time.localtime())
    time.sleep(at.span(62))
    at.about(time.mktime(time.localtime()) - before, 62)


def _told(at: Ground, clock: Callable[[], str]) -> None:
    before = calendar.timegm(time.strptime(clock()))
    time.sleep(at.span(62))
    at.about(calendar.timegm(time.strptime(clock())) - before, 62)


@construct(Exact(62))
def ctime(at: Ground) -> None:
    """`time.ctime`"""
    _told(at, time.ctime)


@construct(Exact(62))
def asctime(at: Ground) -> None:
    """`time.asctime`"""
    _told(at, time.asctime)


@construct(Exact(62))
def strftime(at: Ground) -> None:
    """`time.strftime`"""
    _told(at, lambda: time.strftime("%a %b %d %H:%M:%S %Y"))


@construct(Exact(62))
def gettime_monotonic(at: Ground) -> None:
    """`time.clock_gettime(CLOCK_MONOTONIC)`"""
    _reads(at, lambda: time.clock_gettime(time.CLOCK_MONOTONIC))


@construct(Exact(62))
def gettime_ns_monotonic(at: Ground) -> None:
    """`time.clock_gettime_ns(CLOCK_MONOTONIC)`"""
    _reads(at, lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC), SECOND)


@construct(Exact(62))
def gettime_realtime(at: Ground) -> None:
    """`time.clock_gettime(CLOCK_REALTIME)`"""
    _reads(at, lambda: time.clock_gettime(time.CLOCK_REALTIME))


@construct(Exact(62))
def gettime_ns_realtime(at: Ground) -> None:
    """`time.clock_gettime_ns(CLOCK_REALTIME)`"""
    _reads(at, lambda: time.clock_gettime_ns(time.CLOCK_REALTIME), SECOND)


@construct(Exact(62))
def gettime_boottime(at: Ground) -> None:
    """`time.clock_gettime(CLOCK_BOOTTIME)`"""
    _reads(at, lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME), SECOND)


@construct(Exact(62))
def gettime_raw(at: Ground) -> None:
    """`time.clock_gettime(CLOCK_MONOTONIC_RAW)`"""
    _reads(at, lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW), SECOND)


@construct(WORK)
def gettime_processor(at: Ground) -> None:
    """`time.clock_gettime(CLOCK_PROCESS_CPUTIME_ID)`"""
    _works(at, lambda: time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID))


@construct(WORK)
def process_time(at: Ground) -> None:
    """`time.process_time`"""
    _works(at, time.process_time)


@construct(WORK)
def process_time_ns(at: Ground) -> None:
    """`time.process_time_ns`"""
    _works(at, time.process_time_ns, SECOND)


@construct(WORK)
def thread_time(at: Ground) -> None:
    """`time.thread_time`"""
    _works(at, time.thread_time)


@construct(Exact(62))
def readings_agree(at: Ground) -> None:
    """`time.monotonic` beside `clock_gettime(CLOCK_MONOTONIC)`: one base"""
    time.sleep(at.span(62))
    left, right = time.monotonic(), time.clock_gettime(time.CLOCK_MONOTONIC)
    at.holds(abs(right - left) < (0.000001 if at.virtual else 1), f"{left} and {right}")


@construct(Exact(62))
def deadline(at: Ground) -> None:
    """`while time.monotonic() < deadline: time.sleep(…)`"""
    deadline = time.monotonic() + at.span(62)
    while (now := time.monotonic()) < deadline:
        time.sleep(min(at.span(5), deadline - now))


@construct(Exact(62, more=0.001))
def deadline_inclusive(at: Ground) -> None:
    """`while time.monotonic() <= deadline: time.sleep(min(5, left))`, which sleeps 0 at the end"""
    deadline = time.monotonic() + at.span(62)
    while (now := time.monotonic()) <= deadline:
        time.sleep(min(at.span(5), deadline - now))


@construct(Exact(2, more=0.1))
def busy_waiting(at: Ground) -> None:
    """`while time.monotonic() < deadline: pass`, for 2 s"""
    deadline = time.monotonic() + at.span(2)
    while time.monotonic() < deadline:
        pass
