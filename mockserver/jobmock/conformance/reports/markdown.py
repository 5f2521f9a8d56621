"""A Markdown table of the groups, with the cases that went wrong in blocks that are folded away."""

from __future__ import annotations

from collections.abc import Iterator

from ...coverage.reports import FORMATS as COVERAGE
from ...reports.markdown import code_block, details, escaped, table
from ..scorecard import CaseResult, GroupScore, Scorecard
from .replay import replay_command

_HEADINGS, _NUMBERS = ("Group", "Passed", "Of", "Other results"), ("Passed", "Of")


def render(card: Scorecard) -> str:
    """Return the scorecard as Markdown."""
    rows = table(_HEADINGS, [_cells(score) for score in (*card.scores, card.total)], numbers=_NUMBERS)
    wrong = (_details(card, result) for result in card.results if result.is_wrong)
    coverage = [] if card.coverage is None else [COVERAGE.render(card.coverage, "markdown")]
    return "\n".join([f"**{escaped(card.meaning)}**\n", rows, *wrong, *coverage])


def _cells(score: GroupScore) -> tuple[object, ...]:
    others = ", ".join(f"{number} {result}" for result, number in score.others.items())
    return escaped(score.group), score.passed, score.judged, others


def _details(card: Scorecard, result: CaseResult) -> str:
    case = result.case
    return details(f"{case.id} ({case.severity}): {result.result}", "\n".join(_paragraphs(card, result)))


def _paragraphs(card: Scorecard, result: CaseResult) -> Iterator[str]:
    yield f"{escaped(result.case.title)}\n"
    if result.note:
        yield f"{escaped(result.note)}\n"
    for failure in result.failures:
        yield f"- `{failure.expected}`: {escaped(failure.evidence)}. {escaped(failure.remedy)}"
    yield ""
    if result.judgement:
        yield code_block(result.judgement.story)
    if alone := replay_command(card, result.case):
        yield f"Play it alone: {escaped(alone)}\n"
