"""JSON, for programs: everything about every case."""

from __future__ import annotations

from typing import Any

from ...reports.json import to_json
from ...reports.plain_text import valid_unicode
from ...version import __version__
from ..judgement import Failure
from ..scorecard import CaseResult, GroupScore, Scorecard
from .replay import replay_command

VERSION = 1
"""The version of the fields. It changes when one is removed or means something else."""


def render(card: Scorecard) -> str:
    """Return the scorecard as one JSON object."""
    return to_json({
        "version": VERSION, "jobmock": __version__, "api": card.api, "client": valid_unicode(card.client),
        "exit_code": card.exit_code, "meaning": card.meaning, "total": _score(card.total),
        "groups": {score.group: _score(score) for score in card.scores},
        "cases": [_case(card, result) for result in card.results],
        **({} if card.coverage is None else {"coverage": card.coverage.to_json()}),
    })  # fmt: skip


def _score(score: GroupScore) -> dict[str, Any]:
    return {"passed": score.passed, "judged": score.judged, "others": score.others}


def _case(card: Scorecard, result: CaseResult) -> dict[str, Any]:
    case, judgement = result.case, result.judgement
    found = {
        "id": case.id, "group": case.group, "severity": case.severity, "title": case.title, "result": result.result,
        "reason": None if result.reason is None else valid_unicode(result.reason),
    }  # fmt: skip
    if judgement is None:
        return found
    return found | {
        "failures": [_failure(failure) for failure in judgement.failures], "not_judged": judgement.not_judged,
        "requests": judgement.requests, "virtual_seconds": round(judgement.clock_seconds, 9),
        "real_seconds": round(judgement.real_seconds, 3), "story": valid_unicode(judgement.story),
        "command": valid_unicode(replay_command(card, case) or "") or None,
    }  # fmt: skip


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "expected": failure.expected, "evidence": valid_unicode(failure.evidence), "remedy": failure.remedy,
        "exchanges": failure.exchanges,
    }  # fmt: skip
