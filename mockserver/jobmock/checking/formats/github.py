"""GitHub's annotations: lines in a job's log that GitHub shows beside the change."""

from __future__ import annotations

from ...errors import printable
from ..report import Report, Row
from .locations import first_location

_LEVELS = {"breaking": "error", "additive": "warning", "cosmetic": "notice"}


def render(report: Report) -> str:
    """Return one line for each violation."""
    return "".join(_line(row) for row in report.rows)


def _line(row: Row) -> str:
    violation, location = row.violation, first_location(row)
    file, title = _escaped(printable(location.file), ":,"), _escaped(violation.rule, ":,")
    text = f"{violation}; {row.times}, first in {row.place}"
    return f"::{_LEVELS[violation.kind]} file={file},line={location.line},title={title}::{_escaped(text)}\n"


def _escaped(text: str, more: str = "") -> str:
    """Return a text with the characters escaped that would end a message, and those in `more`."""
    return "".join(f"%{ord(sign):02X}" if sign in "%\r\n" + more else sign for sign in text)
