"""The evidence of a broken rule."""

from __future__ import annotations

from typing import NamedTuple

from ..clock import SECOND

_DIGITS = range(3, 10)
"""How many digits behind the point a number of seconds may have."""


class Evidence(NamedTuple):
    """The evidence of a broken rule: the numbers of the exchanges, and a sentence without its full stop.

    A `severity` or a `remedy` replaces that of the rule where this case is a milder one.
    """

    exchanges: tuple[int, ...]
    text: str
    job: str | None = None
    severity: str | None = None
    remedy: str | None = None


def compared_texts(shorter: float, longer: float) -> tuple[str, str]:
    """Return two durations as texts with so many digits that the first one also reads as shorter."""
    differ = (digits for digits in _DIGITS if _rounded(shorter, digits) < _rounded(longer, digits))
    digits = next(differ, _DIGITS[-1])
    return _text(shorter, digits), _text(longer, digits)


def seconds_text(nanoseconds: float) -> str:
    """Return a duration as text, with so many digits that only zero reads as zero."""
    return compared_texts(0, nanoseconds)[1] if nanoseconds > 0 else _text(nanoseconds, _DIGITS[0])


def _text(nanoseconds: float, digits: int) -> str:
    return f"{_rounded(nanoseconds, digits):.{digits}f}".rstrip("0").rstrip(".") + " s"


def _rounded(nanoseconds: float, digits: int) -> float:
    return round(nanoseconds / SECOND, digits)
