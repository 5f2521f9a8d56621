"""The evidence of a broken rule."""

from __future__ import annotations

from typing import NamedTuple

from ..clock import SECOND


class Evidence(NamedTuple):
    """The evidence of a broken rule: the numbers of the exchanges, and a sentence without its full stop.

    A `severity` or a `remedy` replaces that of the rule where this case is a milder one.
    """

    exchanges: tuple[int, ...]
    text: str
    job: str | None = None
    severity: str | None = None
    remedy: str | None = None


def seconds_text(nanoseconds: float) -> str:
    """Return a duration as text for evidence."""
    return f"{round(nanoseconds / SECOND, 3):.12g} s"
