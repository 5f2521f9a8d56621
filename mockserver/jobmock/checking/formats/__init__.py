"""A report as text for people, for CI systems and for programs. Each form is one function from a report to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from ..report import Report

NAMES = ("text", "json", "junit", "sarif", "github", "markdown")


def rendered(report: Report, name: str) -> str:
    """Return a report in one of the forms of `NAMES`; it ends with a line break unless it is empty."""
    form: Callable[[Report], str] = import_module(f".{name}", __name__).rendered
    return form(report)


def summary(report: Report) -> str:
    """Return what was checked and found, in one line."""
    judged = sum(report.judged.values())
    parts = [f"{report.count(kind)} {kind}" for kind in ("breaking", "additive", "cosmetic")]
    text = f"{judged} answer{'s' * (judged != 1)} judged: {', '.join(parts)}"
    accepted = f"; {len(report.accepted)} accepted by the baseline" if report.accepted else ""
    more = f"; {sum(report.more.values())} more beyond the bound of rows" if report.more else ""
    return f"{text}{accepted}{more}."


def left_out(left: Mapping[str, int], most: int = 5) -> str | None:
    """Return what wasn't judged, in one line; None where that is nothing."""
    if not left:
        return None
    named = [f"{count} × {name}" for name, count in list(left.items())[:most]]
    others = sum(list(left.values())[most:])
    return f"Left out: {', '.join(named + ([f'{others} others'] if others else []))}."
