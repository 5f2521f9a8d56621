"""A Markdown table, for an issue or a job's summary."""

from __future__ import annotations

from ...reports.markdown import escaped, table
from ..report import Report, Row
from . import left_out_line, odd_lines, summary

_HEADINGS = ("Kind", "Rule", "Where", "What", "Count", "First")


def render(report: Report) -> str:
    """Return the report as Markdown."""
    others = left_out_line(report.left_out)
    rows = table(_HEADINGS, [_cells(row) for row in report.rows], numbers=("Count",)) if report.rows else ""
    odd = [f"{escaped(line)}\n" for line in odd_lines(report.odd)]
    paragraphs = [f"**{summary(report)}**\n", rows, f"{others}\n" if others else "", *odd]
    return "\n".join(filter(None, paragraphs))


def _cells(row: Row) -> tuple[object, ...]:
    violation = row.violation
    where, words = escaped(violation.where), escaped(violation.words)
    return violation.kind, f"`{violation.rule}`", where, words, row.count, escaped(row.place)
