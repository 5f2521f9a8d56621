"""JUnit's XML: a suite for each group, and a case for each case that was judged."""

from __future__ import annotations

from ...reports.junit import Case, Failure, to_xml
from ..judgement import NOT_JUDGED
from ..scorecard import NOT_SUPPORTED, CaseResult, Scorecard
from .replay import replay_command


def render(card: Scorecard) -> str:
    """Return the scorecard as XML. A case that went wrong is a failure; one that wasn't judged is skipped."""
    suites = {
        name: [_case(card, result) for result in card.results if result.case.group == name]
        for name in (score.group for score in card.scores)
    }
    return to_xml(f"jobmock conform {card.api}", suites)


def _case(card: Scorecard, result: CaseResult) -> Case:
    case, judgement = result.case, result.judgement
    failure: Failure | None = None
    if result.is_wrong:
        story = judgement.story if judgement else ""
        text = f"{case.title}\n{story}\nPlay it alone: {replay_command(card, case) or 'its client has no name'}"
        kind = next((one.expected for one in result.failures), result.result)
        failure = Failure(kind, result.reason or result.result, text)
    is_skipped = result.result in (NOT_JUDGED, NOT_SUPPORTED)
    return Case(
        group=case.group, name=case.id, seconds=judgement.real_seconds if judgement else None, failure=failure,
        skipped=f"{result.result.capitalize()}: {result.reason}" if is_skipped else None, output=case.title,
    )  # fmt: skip
