"""Module datetime: readings."""

from __future__ import annotations

import datetime
import time
import warnings
from collections.abc import Callable
from datetime import datetime as imported_datetime

from tests.virtual.matrix.cells import OLDER, Exact, Real, construct
from tests.virtual.matrix.ground import Ground


def _reads(at: Ground, clock: Callable[[], datetime.datetime]) -> None:
    before = clock()
    time.sleep(at.span(62))
    at.tells((clock() - before).total_seconds(), 62)


@construct(Exact(62))
def now(at: Ground) -> None:
    """`datetime.now()`"""
    _reads(at, datetime.datetime.now)


@construct(Exact(62))
def now_from_import(at: Ground) -> None:
    """`from datetime import datetime`, `now()`"""
    _reads(at, lambda: imported_datetime.now())


@construct(Exact(62))
def now_with_zone(at: Ground) -> None:
    """`datetime.now(UTC)`"""
    _reads(at, lambda: datetime.datetime.now(datetime.UTC))


@construct(Exact(62))
def now_with_offset(at: Ground) -> None:
    """`datetime.now(timezone(…))`"""
    _reads(at, lambda: datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=5))))


@construct(Exact(62))
def today(at: Ground) -> None:
    """`datetime.today()`"""
    _reads(at, datetime.datetime.today)


@construct(Exact(62))
def utcnow(at: Ground) -> None:
    """`datetime.utcnow()`"""
    warnings.simplefilter("ignore")
    _reads(at, datetime.datetime.utcnow)


@construct(Exact(86400), elsewhere={"older": Real(OLDER, 0.3)})
def date_today(at: Ground) -> None:
    """`date.today()`"""
    before = datetime.date.today()
    time.sleep(at.span(86400) if at.virtual else 0.3)
    at.holds((datetime.date.today() - before).days == 1 or not at.virtual, "the day didn't change")


class _Mine(datetime.datetime):
    """A class of the client's own."""


@construct(Exact(62))
def derived(at: Ground) -> None:
    """`now()` of a class derived from datetime"""
    _reads(at, _Mine.now)
