"""GitHub's annotations, one for each violation."""

from __future__ import annotations

from ...reports.github import annotation
from ..report import Report, Row
from . import odd_lines
from .locations import first_location

_LEVELS = {"breaking": "error", "additive": "warning", "cosmetic": "notice"}


def render(report: Report) -> str:
    """Return one line for each violation, and for each reason why entries can't be read."""
    odd = (
        annotation("notice", line, file=one.first.path, line=one.first.line or 1, title="unreadable")
        for one, line in zip(report.odd, odd_lines(report.odd), strict=True)
    )
    return "".join((*(_line(row) for row in report.rows), *odd))


def _line(row: Row) -> str:
    violation, location = row.violation, first_location(row)
    text = f"{violation}; {row.times}, first in {row.place}"
    level = _LEVELS[violation.kind]
    return annotation(level, text, file=location.file, line=location.line, title=violation.rule)
