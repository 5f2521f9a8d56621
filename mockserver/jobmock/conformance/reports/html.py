"""HTML: the scorecard, and the picture of each case that went wrong. It needs no script and no network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from xml.etree.ElementTree import Element

from ...coverage.reports import FORMATS as COVERAGE
from ...timelines.client_page import client_sections, story_details, text_details
from ...timelines.elements import Child, element
from ...timelines.html_page import facts, page, table
from ...timelines.page_bound import bounded
from ..judgement import Failure
from ..scorecard import CaseResult, GroupScore, Scorecard
from .replay import replay_command

_HEADINGS, _NUMBERS = ("Group", "Passed", "Of", "Other results"), ("Passed", "Of")


def render(card: Scorecard) -> str:
    """Return the scorecard as a page."""
    title = f"jobmock conform {card.api}"
    wrong = [result for result in card.results if result.is_wrong]
    parts = (partial(_section, card, result, f"c{number}") for number, result in enumerate(wrong))
    coverage = card.coverage
    return page(
        title,
        element(
            "header", element("h1", title), element("p", card.meaning, class_="failed" if card.exit_code else "passed"),
            element("p", element("code", card.client)),
        ),
        element(
            "main", table(_HEADINGS, [_row(score) for score in (*card.scores, card.total)], _NUMBERS), *bounded(parts),
            None if coverage is None else text_details("Coverage", COVERAGE.render(coverage, "text")),
        ),
    )  # fmt: skip


def _row(score: GroupScore) -> Element:
    others = ", ".join(f"{number} {result}" for result, number in score.others.items())
    numbers = (element("td", str(number), class_="number") for number in (score.passed, score.judged))
    return element("tr", element("td", score.group), *numbers, element("td", others))


def _section(card: Scorecard, result: CaseResult, ids: str) -> Element:
    case = result.case
    heading = element("h2", f"{case.id} ({case.severity}): {result.result}", class_="failed")
    return element("section", heading, *_content(card, result, ids), id=ids)


def _failure(failure: Failure) -> Element:
    remedy = element("span", failure.remedy, class_="remedy")
    return element("li", element("strong", failure.expected), f": {failure.evidence}. ", remedy)


def _content(card: Scorecard, result: CaseResult, ids: str) -> Iterator[Child]:
    """Yield what a case is about, how the client failed it, and what the client did."""
    yield element("p", result.case.title)
    if result.note:
        yield element("p", result.note)
    judgement = result.judgement
    activity = judgement.activity if judgement else None
    rules = {finding.rule for finding in activity.findings} if activity else set()
    others = [failure for failure in result.failures if failure.expected not in rules]
    yield element("ul", *map(_failure, others)) if others else None
    if judgement:
        yield facts(
            requests=judgement.requests, clock=f"{judgement.clock_seconds:.3f} s",
            real_time=f"{judgement.real_seconds:.2f} s",
        )  # fmt: skip
    yield from client_sections([activity] if activity else [], ids)
    yield story_details(judgement.story) if judgement else None
    if alone := replay_command(card, result.case):
        yield element("p", "Play it alone: ", element("code", alone))
