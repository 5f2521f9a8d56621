"""The formats of a report: for people, for CI systems and for programs. Each module has one `render` function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import printable
from ...reports.formats import Formats
from ..report import OddEntries, Report

_MOST_NAMES = 5
FORMATS: Formats[Report] = Formats(__name__, ("text", "json", "junit", "sarif", "github", "markdown", "html"))


def summary(report: Report) -> str:
    """Return one line with the numbers of judged answers and of violations."""
    judged = sum(report.judged.values())
    parts = [f"{report.count(kind)} {kind}" for kind in ("breaking", "additive", "cosmetic")]
    text = f"{judged} answer{'s' * (judged != 1)} judged: {', '.join(parts)}"
    accepted = f"; {len(report.accepted)} accepted by the baseline" if report.accepted else ""
    odd = f"; {unreadable(report.odd)}" if report.odd else ""
    more = f"; {sum(report.more.values())} more beyond the bound of rows" if report.more else ""
    return f"{text}{accepted}{more}{odd}."


def left_out_line(left: Mapping[str, int]) -> str | None:
    """Return one line with what wasn't judged, or None if everything was."""
    if not left:
        return None
    named = [f"{count} × {name}" for name, count in list(left.items())[:_MOST_NAMES]]
    others = sum(list(left.values())[_MOST_NAMES:])
    return f"Left out: {', '.join(named + ([f'{others} others'] if others else []))}."


def unreadable(odd: Sequence[OddEntries]) -> str:
    """Return in words how many entries can't be read."""
    count = sum(one.count for one in odd)
    return f"{count} {'entries' if count != 1 else 'entry'} of a recording can't be read"


def odd_lines(odd: Sequence[OddEntries]) -> list[str]:
    """Return a line for each reason why entries can't be read."""
    return [f"Can't be read: {one.count} × {one.reason}, first {printable(str(one.first))}." for one in odd]
