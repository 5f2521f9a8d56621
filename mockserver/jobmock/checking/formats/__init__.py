"""The formats of a report: for people, for CI systems and for programs. Each module has one `render` function."""

from __future__ import annotations

from collections.abc import Mapping

from ...reports.formats import Formats
from ..report import Report

_MOST_NAMES = 5
FORMATS: Formats[Report] = Formats(__name__, ("text", "json", "junit", "sarif", "github", "markdown", "html"))


def summary(report: Report) -> str:
    """Return one line with the numbers of judged answers and of violations."""
    judged = sum(report.judged.values())
    parts = [f"{report.count(kind)} {kind}" for kind in ("breaking", "additive", "cosmetic")]
    text = f"{judged} answer{'s' * (judged != 1)} judged: {', '.join(parts)}"
    accepted = f"; {len(report.accepted)} accepted by the baseline" if report.accepted else ""
    more = f"; {sum(report.more.values())} more beyond the bound of rows" if report.more else ""
    return f"{text}{accepted}{more}."


def left_out_line(left: Mapping[str, int]) -> str | None:
    """Return one line with what wasn't judged, or None if everything was."""
    if not left:
        return None
    named = [f"{count} × {name}" for name, count in list(left.items())[:_MOST_NAMES]]
    others = sum(list(left.values())[_MOST_NAMES:])
    return f"Left out: {', '.join(named + ([f'{others} others'] if others else []))}."
