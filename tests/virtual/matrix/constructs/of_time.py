"""Module time: sleeps, and readings of its clocks."""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from time import sleep as imported_sleep

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

from jobmock.clock import SECOND

WORK = Real("it counts the processor's time", 0.05)


def _reads(cell: CellRun, clock: Callable[[], float], unit: int = 1) -> None:
    before = clock()
    time.sleep(cell.scale(62))
    cell.expect_seconds((clock() - before) / unit, 62)


def _works(cell: CellRun, clock: Callable[[], float], unit: int = 1) -> None:
    before = clock()
    while clock() - before < 0.05 * unit:
        pass


@construct(Exact(62))
def sleep(cell: CellRun) -> None:
    """`time.sleep`"""
    time.sleep(cell.scale(62))


@construct(Exact(62.5))
def sleep_from_import(cell: CellRun) -> None:
    """`from time import sleep`"""
    imported_sleep(cell.scale(62.5))


@construct(Exact(0))
def sleep_nothing(cell: CellRun) -> None:
    """`time.sleep(0)`"""
    time.sleep(0)


@construct(Exact(3))
def sleep_shortly(cell: CellRun) -> None:
    """`time.sleep(0.003)`, a thousand times"""
    for _ in range(1000 if cell.virtual else 10):
        time.sleep(0.003)


@construct(Exact(62))
def monotonic(cell: CellRun) -> None:
    """`time.monotonic`"""
    _reads(cell, time.monotonic)


@construct(Exact(62))
def monotonic_ns(cell: CellRun) -> None:
    """`time.monotonic_ns`"""
    _reads(cell, time.monotonic_ns, SECOND)


@construct(Exact(62))
def perf_counter(cell: CellRun) -> None:
    """`time.perf_counter`"""
    _reads(cell, time.perf_counter)


@construct(Exact(62))
def perf_counter_ns(cell: CellRun) -> None:
    """`time.perf_counter_ns`"""
    _reads(cell, time.perf_counter_ns, SECOND)


@construct(Exact(62))
def wall(cell: CellRun) -> None:
    """`time.time`"""
    _reads(cell, time.time)


@construct(Exact(62))
def wall_ns(cell: CellRun) -> None:
    """`time.time_ns`"""
    _reads(cell, time.time_ns, SECOND)


@construct(Exact(62))
def gmtime(cell: CellRun) -> None:
    """`time.gmtime`"""
    before = calendar.timegm(time.gmtime())
    time.sleep(cell.scale(62))
    cell.expect_about(calendar.timegm(time.gmtime()) - before, 62)


@construct(Exact(62))
def localtime(cell: CellRun) -> None:
    """`time.localtime`"""
    before = time.mktime(time.localtime())
    time.sleep(cell.scale(62))
    cell.expect_about(time.mktime(time.localtime()) - before, 62)


def _check_text(cell: CellRun, clock: Callable[[], str]) -> None:
    before = calendar.timegm(time.strptime(clock()))
    time.sleep(cell.scale(62))
    cell.expect_about(calendar.timegm(time.strptime(clock())) - before, 62)


@construct(Exact(62))
def ctime(cell: CellRun) -> None:
    """`time.ctime`"""
    _check_text(cell, time.ctime)


@construct(Exact(62))
def asctime(cell: CellRun) -> None:
    """`time.asctime`"""
    _check_text(cell, time.asctime)


@construct(Exact(62))
def strftime(cell: CellRun) -> None:
    """`time.strftime`"""
    _check_text(cell, lambda: time.strftime("%a %b %d %H:%M:%S %Y"))


@construct(Exact(62))
def gettime_monotonic(cell: CellRun) -> None:
    """`time.clock_gettime(CLOCK_MONOTONIC)`"""
    _reads(cell, lambda: time.clock_gettime(time.CLOCK_MONOTONIC))


@construct(Exact(62))
def gettime_ns_monotonic(cell: CellRun) -> None:
    """`time.clock_gettime_ns(CLOCK_MONOTONIC)`"""
    _reads(cell, lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC), SECOND)


@construct(Exact(62))
def gettime_realtime(cell: CellRun) -> None:
    """`time.clock_gettime(CLOCK_REALTIME)`"""
    _reads(cell, lambda: time.clock_gettime(time.CLOCK_REALTIME))


@construct(Exact(62))
def gettime_ns_realtime(cell: CellRun) -> None:
    """`time.clock_gettime_ns(CLOCK_REALTIME)`"""
    _reads(cell, lambda: time.clock_gettime_ns(time.CLOCK_REALTIME), SECOND)


@construct(Exact(62))
def gettime_boottime(cell: CellRun) -> None:
    """`time.clock_gettime(CLOCK_BOOTTIME)`"""
    _reads(cell, lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME), SECOND)


@construct(Exact(62))
def gettime_raw(cell: CellRun) -> None:
    """`time.clock_gettime(CLOCK_MONOTONIC_RAW)`"""
    _reads(cell, lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW), SECOND)


@construct(WORK)
def gettime_processor(cell: CellRun) -> None:
    """`time.clock_gettime(CLOCK_PROCESS_CPUTIME_ID)`"""
    _works(cell, lambda: time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID))


@construct(WORK)
def process_time(cell: CellRun) -> None:
    """`time.process_time`"""
    _works(cell, time.process_time)


@construct(WORK)
def process_time_ns(cell: CellRun) -> None:
    """`time.process_time_ns`"""
    _works(cell, time.process_time_ns, SECOND)


@construct(WORK)
def thread_time(cell: CellRun) -> None:
    """`time.thread_time`"""
    _works(cell, time.thread_time)


@construct(Exact(62))
def readings_agree(cell: CellRun) -> None:
    """`time.monotonic` beside `clock_gettime(CLOCK_MONOTONIC)`: one base"""
    time.sleep(cell.scale(62))
    left, right = time.monotonic(), time.clock_gettime(time.CLOCK_MONOTONIC)
    cell.expect(abs(right - left) < (0.000001 if cell.virtual else 1), f"{left} and {right}")


@construct(Exact(62))
def deadline(cell: CellRun) -> None:
    """`while time.monotonic() < deadline: time.sleep(…)`"""
    deadline = time.monotonic() + cell.scale(62)
    while (now := time.monotonic()) < deadline:
        time.sleep(min(cell.scale(5), deadline - now))


@construct(Exact(62, more=0.001))
def deadline_inclusive(cell: CellRun) -> None:
    """`while time.monotonic() <= deadline: time.sleep(min(5, left))`, which sleeps 0 at the end"""
    deadline = time.monotonic() + cell.scale(62)
    while (now := time.monotonic()) <= deadline:
        time.sleep(min(cell.scale(5), deadline - now))


@construct(Exact(2, more=0.1))
def busy_waiting(cell: CellRun) -> None:
    """`while time.monotonic() < deadline: pass`, for 2 s"""
    deadline = time.monotonic() + cell.scale(2)
    while time.monotonic() < deadline:
        pass
