"""The result of one run of a client, judged by the rules of etiquette, its budget, and the returned value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..dialect.api import Api
from ..engine.jobs import Job
from ..engine.namespace import Namespace
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


def judge_run(
    api: Api, namespace: Namespace, job: Job, settings: RuleSettings, *, time: str, returned: Any,
    raised: BaseException | None,
) -> RunResult:  # fmt: skip
    """Judge a run that has just ended: it raised `raised`, or, if that is None, returned `returned`.

    `time` is the mode of time in which the client lived.
    """
    journal = tuple(namespace.journal)
    findings = tuple(map(redact, _findings(api, namespace, job, settings, time, returned, raised)))
    return RunResult(returned=returned, raised=raised, findings=findings, journal=journal)


def _findings(
    api: Api, namespace: Namespace, job: Job, settings: RuleSettings, time: str, returned: Any,
    raised: BaseException | None,
) -> Iterator[str]:  # fmt: skip
    """Yield the findings. A run that was ended, or that sent nothing about its job, is judged by its requests alone."""
    outcome: str | None = "returned" if raised is None else "raised"
    if isinstance(raised, BudgetExceeded):
        yield f"budget (error): {raised} {EXPLAINED['budget'].remedy}"
        outcome = None
    elif all(exchange.job != job.id for exchange in namespace.journal):
        remedy = EXPLAINED["nothing-asked"].remedy
        ended = f"it raised {raised!r}" if raised else "it returned"
        yield f"nothing-asked (error): the client sent no request about its job with its key; {ended}. {remedy}"
        outcome = None
    verdict = judge(
        namespace.journal, api, outcome=outcome, returned=describe(returned) if outcome == "returned" else None,
        now=namespace.clock.now(), settings=settings, time=time, jobs=namespace.jobs,
    )  # fmt: skip
    yield from (str(finding) for finding in verdict.findings if finding.severity == "error")
