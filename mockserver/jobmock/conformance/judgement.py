"""Says what came of a case: whether the client passed it, or how it failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..client_reports.activity import ClientActivity, KeyActivity, jobs_of
from ..client_reports.story import story
from ..client_reports.titles import scenario_title
from ..clock import SECOND
from ..coverage import Coverage, coverage_of
from ..errors import short_repr
from ..etiquette import EXPLAINED, Finding, ReturnedValue, RuleSettings, Verdict, describe, judge
from ..models import Exchange
from ..redaction import redact
from .cases import ANY_NUMBER, Case
from .played import Played

PASSED, FAILED, NOT_JUDGED = "passed", "failed", "not judged"
_REMEDIES = {
    "nothing-asked": EXPLAINED["nothing-asked"].remedy,
    "stopped": "Give every call an end: a deadline for the job, a timeout for each request, a bound on the requests.",
    "json": "Print the value of the call as one JSON value on stdout, and nothing else. Messages belong to stderr.",
    "returns": "Go on until the job's end, and return its last answer. A command prints it as JSON, and ends with 0.",
    "fails": "Let the call fail, and say why: raise, or end a command with another exit code than 0.",
    "status": "Return the status that the last answer had.",
    "people": "Return everybody once: the list of the last answer, or of all pages.",
    "requests": "Send each request as often as it is needed, and no more.",
    "credits": "Start the work once. A start whose answer got lost may have been carried out.",
    "seconds": "Stop at the end of the job, or at the deadline that the call was given.",
}
"""What to do where an expectation isn't met."""
_ALL_FINDINGS = "--report json lists everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One way in which a client failed a case: the expectation, or the rule, and the evidence in a sentence."""

    expected: str
    evidence: str
    remedy: str
    exchanges: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.expected}: {self.evidence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of one case that was played.

    `story` has the requests, `not_judged` the rules with the reason, `met` what the client met of the API.
    """

    case: Case
    result: str
    failures: Sequence[Failure]
    not_judged: dict[str, str]
    requests: int
    clock_seconds: float
    real_seconds: float
    story: str
    met: Coverage
    activity: ClientActivity | None = None
    """What the client did, if it failed the case."""


def judge_case(played: Played) -> Judgement:
    """Judge a case that was played."""
    namespace, case = played.namespace, played.case
    journal, now = namespace.journal, namespace.clock.now()
    played.api.settle(namespace, now)
    returned = describe(played.ended.value) if played.ended.how == "returned" else None
    verdict = judge(
        journal, played.api, outcome={"returned": "returned", "failed": "raised"}.get(played.ended.how),
        returned=returned, job=played.job if _asked(played) else None, now=now, settings=RuleSettings(),
        time=played.time, jobs=namespace.jobs,
    )  # fmt: skip
    failures = tuple(_failures(played, verdict, returned))
    activity = _activity(played, verdict, failures)
    unknown = {rule: reason for rule, reason in verdict.not_judged.items() if rule in case.expect.silent}
    if played.time != "virtual" and case.expect.seconds != ANY_NUMBER:
        unknown["seconds"] = "The client's waits don't move the mock's clock."
    return Judgement(
        case=case, result=FAILED if failures else NOT_JUDGED if unknown else PASSED, failures=failures,
        not_judged=unknown, requests=len(journal) + journal.dropped, clock_seconds=namespace.clock.elapsed / SECOND,
        real_seconds=played.real_seconds, story=story([activity], all_findings=_ALL_FINDINGS), met=coverage_of(journal),
        activity=activity if failures else None,
    )  # fmt: skip


def _asked(played: Played) -> bool:
    """Return whether the client sent a request about the job that it was given."""
    return any(exchange.job == played.job for exchange in played.namespace.journal)


def _failures(played: Played, verdict: Verdict, returned: ReturnedValue | None) -> Iterator[Failure]:
    expect, journal = played.case.expect, played.namespace.journal
    if not len(journal) and played.ended.how == "stopped":
        yield _failure("stopped", f"{played.ended.text.rstrip('.')}, and it had sent no request")
        return
    if not len(journal):
        yield _failure("nothing-asked", f"the client sent no request; it {_ending(played)}")
        return
    yield from _outcome_failures(played, returned)
    for finding in verdict.findings:
        if finding.rule in expect.silent and (finding.severity == "error" or played.case.severity == "should"):
            yield _broken_rule(finding)
    yield from _bound_failures(played, journal)


def _broken_rule(finding: Finding) -> Failure:
    return Failure(
        expected=finding.rule, evidence=finding.evidence, remedy=finding.remedy, exchanges=finding.exchanges
    )  # fmt: skip


def _outcome_failures(played: Played, returned: ReturnedValue | None) -> Iterator[Failure]:
    """Yield the expectations about the outcome and the returned value that aren't met."""
    expect, how = played.case.expect, played.ended.how
    if how == "stopped":
        yield _failure("stopped", played.ended.text)
    elif how == "unreadable":
        yield _failure("json", played.ended.text)
    elif expect.outcome == "returns" and how == "failed":
        yield _failure("returns", f"the call {_ending(played)}")
    elif expect.outcome == "fails" and how == "returned":
        yield _failure("fails", f"the call {_ending(played)}")
    elif returned is not None:
        known = {*played.api.transitions, *(exchange.state for exchange in played.namespace.journal)}
        if expect.status is not None and returned.status != expect.status and returned.status in known - {None}:
            text = f"the call returned the status {returned.status!r}, and the case expects {expect.status!r}"
            yield _failure("status", text)
        if expect.people is not None and returned.count != expect.people:
            count = "no list of people" if returned.count is None else f"{returned.count} people"
            yield _failure("people", f"the call returned {count}, and the case expects {expect.people}")


def _bound_failures(played: Played, journal: Iterable[Exchange]) -> Iterator[Failure]:
    """Yield the bounds on requests, credits and time that aren't kept."""
    expect, namespace = played.case.expect, played.namespace
    sent = Counter(exchange.operation for exchange in journal)
    for operation, bounds in expect.requests.items():
        if not bounds.has(sent[operation]):
            text = f"the client sent {sent[operation]} of the operation {operation!r}, and the case allows {bounds}"
            yield _failure("requests", text)
    spent = namespace.credits.opening - namespace.credits.balance
    if not expect.credits.has(spent):
        yield _failure("credits", f"{spent} credits were spent, and the case allows {expect.credits}")
    seconds = namespace.clock.elapsed / SECOND
    if played.time == "virtual" and not expect.seconds.has(seconds):
        yield _failure("seconds", f"the call took {seconds:g} s, and the case allows {expect.seconds}")


def _failure(expected: str, evidence: str) -> Failure:
    return Failure(expected=expected, evidence=redact(evidence).rstrip("."), remedy=_REMEDIES[expected])


def _ending(played: Played) -> str:
    """Return how a call ended, with its subject left out."""
    ended = played.ended
    if ended.how != "returned":
        return f"failed: {ended.text}"
    status = describe(ended.value).status
    return f"returned a value with the status {status!r}" if status else f"returned {short_repr(ended.value)}"


def _activity(played: Played, verdict: Verdict, failures: Sequence[Failure]) -> ClientActivity:
    """Return what the client did; of the findings only those that fail the case."""
    namespace = played.namespace
    failed = {failure.expected for failure in failures}
    shown = tuple(finding for finding in verdict.findings if finding.rule in failed)
    journal = tuple(namespace.journal)
    key = KeyActivity(
        name=None, journal=journal, lost=frozenset(namespace.journal.lost), dropped=namespace.journal.dropped,
        jobs=jobs_of(namespace), findings=shown, now=namespace.clock.now(),
    )  # fmt: skip
    return ClientActivity(
        api=played.api.name, journal=journal, dropped=namespace.journal.dropped,
        titles=(scenario_title(played.case.plan.scenario),), verdict=Verdict(findings=shown, not_judged={}),
        started_at=namespace.clock.started, elapsed=namespace.clock.elapsed / SECOND, keys=(key,),
    )  # fmt: skip
