"""`judge(journal, api) -> Verdict`: applies every rule to a journal, and reports the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..dialect.api import Api
from ..engine.jobs import Job
from ..engine.journal import Journal
from ..errors import UsageError, hint, short_repr
from ..redaction import redact_id
from . import outcome_rules
from .clock_table import CLOCKS, TIMES
from .declared_rules import RULES
from .evidence import Evidence
from .history import History, Outcome, client_history, job_histories, known_jobs, with_outcome
from .returned_value import ReturnedValue
from .rule_settings import RuleSettings
from .rules import JOB_RULES, JOURNAL_RULES, OUTCOME_RULES, RuleCheck
from .subjects import job_of

OUTCOMES = ("returned", "raised")
_MOST_LISTED = 20
_EXPLAINED_BY: Mapping[str, frozenset[str]] = {
    "wrong-count": frozenset({"page-missed", "page-size-changed", "page-repeated"}),
    "result-as-nothing": frozenset({"wrong-count"}),
    "twice": frozenset({"page-size-changed", "page-repeated"}),
    "page-repeated": frozenset({"polled-after-end"}),
}
"""Rule → the rules that name the cause: where one of those is broken for the same job, it isn't reported."""

_NO_OUTCOME = "How the client's call ended isn't known."
_JOB_DROPPED = "The journal has dropped all requests of this job, to make room for later ones."
_NO_VALUE = "The value that the client's call returned isn't known."
_ONE_CLOCK = "By one of two clocks, the mock's and the real one, the client breaks it, and by the other it doesn't."
_UNSEEN = "No pause of the client shows on the manual clock or in real time, so its waits aren't known."
_MISSING_FACTS: Mapping[str, tuple[Callable[[History], object], str]] = {
    "gave-up-early": (lambda history: history.patience, "The API doesn't say how long a job may take."),
    "partial-as-whole": (lambda history: history.answers.api.partial, "The API never says that results are missing."),
}
"""Rule → the fact about the API that it needs, and the reason where that is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that the client broke. `exchanges` are their numbers in the journal; `job` is None if it concerns none."""

    rule: str
    severity: str
    job: str | None
    exchanges: tuple[int, ...]
    evidence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.severity}): {self.evidence}. {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The findings in the order of the exchanges, and the rules that couldn't be judged, each with the reason."""

    findings: tuple[Finding, ...]
    not_judged: Mapping[str, str]

    def __str__(self) -> str:
        lines = [str(finding) for finding in self.findings] or ["No rule is broken."]
        return "\n".join([*lines, *(f"Not judged: {rules}. {reason}" for reason, rules in by_reason(self.not_judged))])


def by_reason(not_judged: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each reason for which rules aren't judged, once, with the names of these rules in a row."""
    rules: dict[str, list[str]] = {}
    for rule, reason in not_judged.items():
        rules.setdefault(reason, []).append(rule)
    return [(reason, ", ".join(names)) for reason, names in rules.items()]


def judge(
    journal: Journal, api: Api, *, outcome: str | None = None, returned: ReturnedValue | None = None,
    job: str | None = None, now: int | None = None, settings: RuleSettings | None = None, time: str = "manual",
    jobs: Mapping[str, Job] | None = None,
) -> Verdict:  # fmt: skip
    """Judge a client by the exchanges of one API in its journal.

    `outcome` says how the client's call ended, `returned` or `raised`, for `job` (by default the last one), and
    `returned` what is known of the value. `now` is the clock's reading at that time (by default the last exchange's).
    `time` is the mode of time: it decides how waits are measured. `jobs` are the jobs themselves. Raises UsageError.
    """
    _check_word("outcome", outcome, (None, *OUTCOMES))
    _check_word("time", time, TIMES)
    whole = client_history(journal, api, settings or RuleSettings(), time)
    histories = {history.job: history for history in job_histories(whole)}
    is_known = job is None or redact_id(job) in histories
    if job is not None and not is_known and not _is_dropped(journal, job, jobs or {}):
        raise UsageError(_unknown_job(job, known_jobs(histories.values())))
    ended: History | None = None
    if outcome and whole.exchanges and is_known:
        last = _judged_history(whole, histories, job)
        truth = next((one for one in (jobs or {}).values() if one.redacted == last.job), None)
        how = Outcome(ended=outcome, value=returned, now=now, truth=truth)
        histories[last.job] = ended = with_outcome(last, how, whole)
    kept = _without_lost_jobs(whole, histories)
    jobs_kept = [history for history in histories.values() if not history.is_lost_by_server]
    findings = _broken_rules(kept, jobs_kept)
    unknown = _NO_OUTCOME if not outcome else None if is_known else _JOB_DROPPED
    not_judged = _by_one_clock_alone(kept, jobs_kept, findings)
    not_judged |= _not_judged(whole, ended, unknown, outcome, returned)
    in_order = {rule: not_judged[rule] for rule in RULES if rule in not_judged}
    return Verdict(findings=tuple(findings), not_judged=in_order)


def findings_of(
    journal: Journal, api: Api, *, settings: RuleSettings | None = None, time: str = "manual"
) -> tuple[Finding, ...]:
    """Return the findings of `judge` where no outcome is known. It doesn't look which rules couldn't be judged."""
    whole = client_history(journal, api, settings or RuleSettings(), time)
    histories = {history.job: history for history in job_histories(whole)}
    jobs = [history for history in histories.values() if not history.is_lost_by_server]
    return tuple(_broken_rules(_without_lost_jobs(whole, histories), jobs))


def _broken_rules(whole: History, jobs: Sequence[History]) -> list[Finding]:
    """Return the findings of all rules in the order of the exchanges; a job with an outcome is judged by that too."""
    findings = list(_findings(JOURNAL_RULES, whole))
    for history in jobs:
        findings += _findings(OUTCOME_RULES if history.outcome else {}, history)
        findings += _findings(JOB_RULES, history)
    return sorted(_causes(findings), key=lambda finding: finding.exchanges)


def _by_one_clock_alone(whole: History, jobs: Sequence[History], findings: Sequence[Finding]) -> dict[str, str]:
    """Return the rules that the client breaks by one of two clocks, and keeps by the other, with the reason."""
    if whole.time.is_certain:
        return {}
    strictly = _broken_rules(whole.strict, [history.strict for history in jobs])
    reason = _UNSEEN if whole.time.lives == "unseen" else _ONE_CLOCK
    return dict.fromkeys({one.rule for one in strictly} - {one.rule for one in findings}, reason)


def _check_word(name: str, word: str | None, allowed: Sequence[str | None]) -> None:
    if word not in allowed:
        words = [one for one in allowed if one]
        raise UsageError(f"{name!r} is {short_repr(word)}. Allowed: {', '.join(words)}.{hint(str(word), words)}")


def _is_dropped(journal: Journal, job: str, jobs: Mapping[str, Job]) -> bool:
    """Return whether a journal has dropped the requests of a job that there is."""
    return journal.dropped > 0 and any(one.redacted == redact_id(job) for one in jobs.values())


def _unknown_job(job: str, known: Sequence[str]) -> str:
    """Return in words that the journal doesn't have a job, with some jobs that it has."""
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    listed = f"Jobs: {', '.join(known[:_MOST_LISTED]) or 'none'}{more}.{hint(job, known)}"
    return f"The journal has no exchange of the job {short_repr(job)}. {listed}"


def _without_lost_jobs(whole: History, histories: Mapping[str | None, History]) -> History:
    """Return the history without the jobs that the server itself lost."""
    lost = {history.job for history in histories.values() if history.is_lost_by_server}
    if not lost:
        return whole
    kept = [one for one in whole.exchanges if job_of(one, whole.answers.api) not in lost]
    return History(
        job=None, exchanges=kept, answers=whole.answers, settings=whole.settings, time=whole.time,
        workers=whole.workers, complete=whole.complete,
    )  # fmt: skip


def _judged_history(whole: History, histories: Mapping[str | None, History], job: str | None) -> History:
    """Return the history of the job that the outcome belongs to; that of refused starts if there is no job."""
    if job is not None:
        return histories[redact_id(job)]
    return max(histories.values(), key=lambda history: history.exchanges[-1].number, default=whole)


def _not_judged(
    whole: History, ended: History | None, unknown: str | None, outcome: str | None, value: ReturnedValue | None
) -> dict[str, str]:  # fmt: skip
    """Return each rule that couldn't be judged, with the reason; `unknown` is that of rules about the outcome."""
    reasons: dict[str, str] = {}
    if whole.time.lives == "unseen" and whole.pauses:
        reasons |= dict.fromkeys((rule for rule in CLOCKS if RULES[rule].needs == "journal"), _UNSEEN)
    for rule, declared in RULES.items():
        if declared.needs != "journal" and unknown:
            reasons[rule] = unknown
        elif declared.needs == "value" and outcome == "returned" and value is None:
            reasons[rule] = _NO_VALUE
    if ended is not None and outcome_rules.hides_waits(ended):
        reasons["gave-up-early"] = _UNSEEN
    reasons |= {rule: reason for rule, (fact, reason) in _MISSING_FACTS.items() if fact(whole) is None}
    return {rule: reason for rule, reason in reasons.items() if whole.settings.severity(rule) != "off"}


def _findings(checks: Mapping[str, RuleCheck], history: History) -> Iterator[Finding]:
    """Yield one finding for each broken rule and job: the first evidence, and the number of further ones."""
    for rule, check in checks.items():
        if (severity := history.settings.severity(rule)) == "off":
            continue
        found: dict[str | None, list[Evidence]] = {}
        for evidence in check(history):
            found.setdefault(evidence.job or history.job, []).append(evidence)
        for job, several in found.items():
            first = next((one for one in several if one.severity is None), several[0])
            times = f", and {len(several) - 1} more like it" if len(several) > 1 else ""
            yield Finding(
                rule=rule, severity=_milder(severity, first.severity), job=job, exchanges=first.exchanges,
                evidence=first.text + times, remedy=first.remedy or RULES[rule].remedy,
            )  # fmt: skip


def _causes(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings that no other one of the same job explains."""
    broken = {(finding.job, finding.rule) for finding in findings}
    for finding in findings:
        if not any((finding.job, cause) in broken for cause in _EXPLAINED_BY.get(finding.rule, ())):
            yield finding


def _milder(severity: str, of_case: str | None) -> str:
    """Return the severity of a finding: a milder case is a warning, unless the rule has been set to less."""
    return "warning" if "warning" in (severity, of_case) else severity
