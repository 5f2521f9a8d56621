"""Tells a command why APIs of other distributions can't be used, as soon as it has loaded them.

It is no part of `apis`, whose import takes longer than commands that need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

_report: Callable[[str, str], object] | None = None


def report_to(report: Callable[[str, str], object]) -> None:
    """Call this function with the name of each API that can't be used, and the reason, when APIs are loaded."""
    global _report
    _report = report


def tell(problems: Mapping[str, str]) -> None:
    """Report why APIs can't be used, by their names. Without a command nobody is told."""
    if _report is not None:
        for name, problem in problems.items():
            _report(name, problem)
