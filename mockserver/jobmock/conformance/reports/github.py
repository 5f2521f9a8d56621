"""GitHub's annotations: one for each case that went wrong, and a notice with the result."""

from __future__ import annotations

from ...reports.github import annotation
from ..scorecard import CaseResult, Scorecard


def render(card: Scorecard) -> str:
    """Return the annotations of a scorecard."""
    lines = [_line(card, result) for result in card.results if result.is_wrong]
    return "".join([*lines, annotation("notice", card.meaning, title=f"jobmock conform {card.api}")])


def _line(card: Scorecard, result: CaseResult) -> str:
    case = result.case
    counts = case.severity == "must" or card.fail_on == "should"
    message = f"{case.title} {result.result.capitalize()}: {result.reason}"
    return annotation("error" if counts else "warning", message, title=f"{case.group}: {case.id}")
