"""The result of one run of a client, judged by the rules of etiquette, its budget, and the returned value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..client_reports.played_job import PlayedJob
from ..dialect.api import Api
from ..etiquette import EXPLAINED, RuleSettings, describe, judge
from ..models import Exchange
from ..redaction import redact


class BudgetExceeded(BaseException):
    """Raised in a client that polled too often or for too long. No Exception, because clients catch those and go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """The result of one run of a client: what it returned or raised, the findings, and its exchanges.

    Each finding is a text that begins with the name of the broken rule.
    """

    returned: Any = None
    raised: BaseException | None = None
    findings: Sequence[str]
    journal: Sequence[Exchange]


class ProtocolBroken(Exception):
    """Stands for the end of a call that a persistent command didn't answer as the line protocol says."""


def judge_run(
    api: Api, played: PlayedJob, settings: RuleSettings, *, time: str, returned: Any,
    raised: BaseException | None, broken_protocol: str | None = None,
) -> RunResult:  # fmt: skip
    """Judge a run that has ended: it raised `raised`, or, if that is None, returned `returned`.

    `time` is the mode of time in which the client lived. `broken_protocol` is a sentence about a persistent command.
    """
    about_protocol = (broken_protocol,) if broken_protocol else ()
    by_rules = _findings(api, played, settings, time, returned, raised)
    findings = tuple(map(redact, (*(_finding("protocol", text) for text in about_protocol), *by_rules)))
    return RunResult(returned=returned, raised=raised, findings=findings, journal=tuple(played.journal))


def _finding(rule: str, text: object) -> str:
    return f"{rule} (error): {text} {EXPLAINED[rule].remedy}"


def _findings(
    api: Api, played: PlayedJob, settings: RuleSettings, time: str, returned: Any, raised: BaseException | None
) -> Iterator[str]:  # fmt: skip
    """Yield the findings. A run that was ended, or that sent nothing about its job, is judged by its requests alone."""
    outcome: str | None = "returned" if raised is None else "raised"
    if isinstance(raised, ProtocolBroken):
        outcome = None
    elif isinstance(raised, BudgetExceeded):
        yield _finding("budget", raised)
        outcome = None
    elif not played.was_asked:
        ended = f"it raised {raised!r}" if raised else "it returned"
        yield _finding("nothing-asked", f"the client sent no request about its job with its key; {ended}.")
        outcome = None
    verdict = judge(
        played.journal, api, outcome=outcome, returned=describe(returned) if outcome == "returned" else None,
        now=played.now, settings=settings, time=time, jobs=played.jobs,
    )  # fmt: skip
    yield from (str(finding) for finding in verdict.findings if finding.severity == "error")
