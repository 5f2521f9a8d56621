"""Text for a terminal: each case that went wrong with its evidence, then a table of the groups."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

import click

from ...coverage.reports import FORMATS as COVERAGE
from ...errors import printable
from ...reports.plain_text import columns, printable_lines
from ..judgement import NOT_JUDGED
from ..scorecard import NOT_SUPPORTED, CaseResult, GroupScore, Scorecard
from .replay import replay_command

_HEADINGS = ("Group", "Passed", "Other results")
_WIDTH = 118
_MOST_STORIES = 10
"""Of so many cases that went wrong the requests are shown."""


def render(card: Scorecard) -> str:
    """Return the scorecard as text with colours."""
    wrong = [result for result in card.results if result.is_wrong]
    shown = [_lines(card, result, has_story=number < _MOST_STORIES) for number, result in enumerate(wrong)]
    blocks = ["".join(f"{line}\n" for line in lines) for lines in shown]
    table = columns([_HEADINGS, *(_cells(score) for score in (*card.scores, card.total))])
    notes = "".join(f"{line}\n" for line in _unjudged(card))
    coverage = [] if card.coverage is None else [COVERAGE.render(card.coverage, "text")]
    return "\n".join([*blocks, *coverage, f"{table}{notes}{printable(card.meaning)}\n"])


def _lines(card: Scorecard, result: CaseResult, *, has_story: bool) -> Iterator[str]:
    case = result.case
    yield f"{click.style(result.result, fg='red')} {printable(case.id)} ({case.severity}): {printable(case.title)}"
    if result.note:
        yield f"  {printable(result.note)}"
    for failure in result.failures:
        yield from _wrapped(f"! {failure.expected}: {failure.evidence}. {failure.remedy}")
    if result.judgement and not has_story:
        yield "  Its requests aren't shown here: play it alone, or write --report markdown=FILE."
    elif result.judgement:
        yield from (f"  {line}" for line in _requests(result.judgement.story))
    if alone := replay_command(card, case):
        yield f"  Play it alone: {printable(alone)}"


def _requests(story: str) -> Iterator[str]:
    """Yield the lines of a story without its findings, which stand above it."""
    for line in printable_lines(story).split("\n"):
        if line.startswith("  ! "):
            return
        yield line


def _wrapped(text: str) -> Iterator[str]:
    yield from wrap(printable(text), _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _unjudged(card: Scorecard) -> Iterator[str]:
    """Yield the cases that weren't judged by their reasons, and the actions that the client can't do."""
    reasons: dict[str, list[str]] = {}
    for result in card.results:
        if result.result in (NOT_JUDGED, NOT_SUPPORTED) and result.reason:
            reasons.setdefault(f"{result.result.capitalize()}: {result.reason}", []).append(result.case.id)
    for reason, cases in reasons.items():
        text = printable(f"{reason} ({', '.join(cases)})")
        yield from wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _cells(score: GroupScore) -> tuple[str, ...]:
    others = ", ".join(f"{number} {result}" for result, number in score.others.items())
    return printable(score.group), f"{score.passed} of {score.judged}", others
