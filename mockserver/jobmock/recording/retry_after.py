"""The Retry-After header of a recorded answer, as a scenario expresses it."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from ..clock import SECOND
from ..models import RetryAfter
from .raw_exchange import RawExchange

LONGEST = 365 * 24 * 60 * 60
"""The longest Retry-After in seconds that a scenario can express: a year. A longer one is recorded as a year."""
_TOO_MANY_DIGITS = 12


def recorded_retry_after(raw: RawExchange) -> RetryAfter | None:
    """Return the answer's Retry-After; None if there is none, or none that is a number or a date."""
    value = raw.headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return RetryAfter(seconds=min(int(value), LONGEST) if len(value) < _TOO_MANY_DIGITS else LONGEST)
    until = _timestamp(value)
    return None if until is None else RetryAfter(seconds=min(max(0, until - _now(raw)), LONGEST), as_date=True)


def _now(raw: RawExchange) -> int:
    """Return the second from which a date counts: the proxy's clock, or the answer's Date if the two disagree."""
    ours, theirs = -(-raw.at // SECOND), _timestamp(raw.headers.get("date", ""))
    return ours if theirs is None or abs(theirs - ours) <= 2 else theirs


def _timestamp(http_date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(http_date).timestamp())
    except (ValueError, OverflowError):
        return None
