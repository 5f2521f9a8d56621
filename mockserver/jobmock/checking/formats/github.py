"""Annotations that GitHub's log turns into remarks beside a change."""

from __future__ import annotations

from ...errors import printable
from ..report import Report, Row
from .locations import place

_WORDS = {"breaking": "error", "additive": "warning", "cosmetic": "notice"}


def rendered(report: Report) -> str:
    """Return one line for each violation."""
    return "".join(_line(row) for row in report.rows)


def _line(row: Row) -> str:
    violation, at = row.violation, place(row)
    where = f"file={_escaped(printable(at.file), ':,')},line={at.line},title={_escaped(violation.rule, ':,')}"
    text = f"{violation}; {row.times}, first in {row.place}"
    return f"::{_WORDS[violation.kind]} {where}::{_escaped(text)}\n"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(sign):02X}" if sign in "%\r\n" + more else sign for sign in text)
