"""The evidence of a broken rule."""

from __future__ import annotations

from typing import NamedTuple

from ..clock import SECOND

_MILLISECOND = SECOND // 1000


class Evidence(NamedTuple):
    """The evidence of a broken rule: the numbers of the exchanges, and a sentence without its full stop.

    A `severity` or a `remedy` replaces that of the rule where this case is a milder one.
    """

    exchanges: tuple[int, ...]
    text: str
    job: str | None = None
    severity: str | None = None
    remedy: str | None = None


def shorter_text(nanoseconds: int) -> str:
    """Return a duration that is shorter than it should be: rounded down, so that it also reads as shorter."""
    return seconds_text(nanoseconds - nanoseconds % _MILLISECOND)


def seconds_text(nanoseconds: float) -> str:
    """Return a duration as text for evidence."""
    return f"{round(nanoseconds / SECOND, 3):.12g} s"
