"""Text for a terminal: the worst violations first, each in three lines."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ...errors import printable
from ..report import Report, Row
from . import left_out_line, odd_lines, summary

_COLOURS = {"breaking": "red", "additive": "yellow", "cosmetic": "cyan"}


def render(report: Report) -> str:
    """Return the report as text with colours."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for row in report.rows:
        yield from _row(row)
    for identity in report.stale:
        yield f"The baseline accepts what didn't occur: {printable(' '.join(filter(None, identity)))}."
    if (others := left_out_line(report.left_out)) is not None:
        yield others
    yield from odd_lines(report.odd)
    yield summary(report)


def _row(row: Row) -> Iterator[str]:
    violation = row.violation
    kind = click.style(violation.kind, fg=_COLOURS[violation.kind])
    yield f"{kind} {violation.rule}: {violation.where}"
    yield f"    {violation.words}"
    yield f"    {row.times}, first in {row.place}"
