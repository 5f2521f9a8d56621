"""A Markdown table, for an issue or a job's summary."""

from __future__ import annotations

from ..report import Report, Row
from . import left_out_line, summary

_MARKS = "\\|`*_<>[]"
_HEADING = "| Kind | Rule | Where | What | Count | First |\n|---|---|---|---|--:|---|\n"


def render(report: Report) -> str:
    """Return the report as Markdown."""
    others = left_out_line(report.left_out)
    table = _HEADING + "".join(_line(row) for row in report.rows) if report.rows else ""
    paragraphs = [f"**{summary(report)}**\n", table, f"{others}\n" if others else ""]
    return "\n".join(filter(None, paragraphs))


def _line(row: Row) -> str:
    violation = row.violation
    where, words = _cell(violation.where), _cell(violation.words)
    cells = (violation.kind, f"`{violation.rule}`", where, words, row.count, _cell(row.place))
    return f"| {' | '.join(map(str, cells))} |\n"


def _cell(text: str) -> str:
    return "".join(f"\\{sign}" if sign in _MARKS else sign for sign in text)
