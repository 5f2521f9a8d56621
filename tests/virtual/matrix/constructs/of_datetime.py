"""Module datetime: readings of the clock."""

from __future__ import annotations

import datetime
import time
import warnings
from collections.abc import Callable
from datetime import datetime as imported_datetime

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import OLDER, Exact, Real, construct


def _check_reading(cell: CellRun, clock: Callable[[], datetime.datetime]) -> None:
    before = clock()
    time.sleep(cell.scale(62))
    cell.expect_seconds((clock() - before).total_seconds(), 62)


@construct(Exact(62))
def now(cell: CellRun) -> None:
    """`datetime.now()`"""
    _check_reading(cell, datetime.datetime.now)


@construct(Exact(62))
def now_from_import(cell: CellRun) -> None:
    """`from datetime import datetime`, `now()`"""
    _check_reading(cell, lambda: imported_datetime.now())


@construct(Exact(62))
def now_with_zone(cell: CellRun) -> None:
    """`datetime.now(UTC)`"""
    _check_reading(cell, lambda: datetime.datetime.now(datetime.UTC))


@construct(Exact(62))
def now_with_offset(cell: CellRun) -> None:
    """`datetime.now(timezone(…))`"""
    _check_reading(cell, lambda: datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=5))))


@construct(Exact(62))
def today(cell: CellRun) -> None:
    """`datetime.today()`"""
    _check_reading(cell, datetime.datetime.today)


@construct(Exact(62))
def utcnow(cell: CellRun) -> None:
    """`datetime.utcnow()`"""
    warnings.simplefilter("ignore")
    _check_reading(cell, datetime.datetime.utcnow)


@construct(Exact(86400), by_place={"older": Real(OLDER, 0.3)})
def date_today(cell: CellRun) -> None:
    """`date.today()`"""
    before = datetime.date.today()
    time.sleep(cell.scale(86400) if cell.virtual else 0.3)
    cell.expect((datetime.date.today() - before).days == 1 or not cell.virtual, "the day didn't change")


class _Mine(datetime.datetime):
    """A class of the client's own."""


@construct(Exact(62))
def derived(cell: CellRun) -> None:
    """`now()` of a class derived from datetime"""
    _check_reading(cell, _Mine.now)
