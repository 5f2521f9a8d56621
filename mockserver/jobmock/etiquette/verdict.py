"""`judge(journal, api) -> Verdict`: applies every rule to a journal, and reports the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..dialect.api import Api
from ..engine.journal import Journal
from ..errors import UsageError, hint, short_repr
from ..redaction import redact_id
from . import outcome_rules, page_rules, polling_rules, request_rules, waiting_rules
from .history import Evidence, History, client_history, job_histories
from .rule_settings import RuleSettings
from .rules import RULES

OUTCOMES = ("returned", "raised")
_MOST_LISTED = 20
RuleCheck = Callable[[History], Iterator[Evidence]]

JOURNAL_RULES: Mapping[str, RuleCheck] = {
    "retry-after-ignored": waiting_rules.retry_after_ignored,
    "started-twice": request_rules.started_twice,
    "key-in-url": request_rules.key_in_url,
}
"""Rules about the whole journal."""

JOB_RULES: Mapping[str, RuleCheck] = {
    "polled-after-end": polling_rules.polled_after_end,
    "polled-too-fast": polling_rules.polled_too_fast,
    "no-back-off": waiting_rules.no_back_off,
    "no-deadline": polling_rules.no_deadline,
    "refusal-not-heeded": polling_rules.refusal_not_heeded,
    "page-missed": page_rules.page_missed,
    "page-repeated": page_rules.page_repeated,
    "page-past-end": page_rules.page_past_end,
    "page-size-changed": page_rules.page_size_changed,
}
"""Rules about each job by itself."""

OUTCOME_RULES: Mapping[str, RuleCheck] = {
    "gave-up-early": outcome_rules.gave_up_early,
    "unknown-status-as-result": outcome_rules.unknown_status_as_result,
    "error-as-result": outcome_rules.error_as_result,
    "result-as-failure": outcome_rules.result_as_failure,
}
"""Rules about the job whose call ended, which need the call's outcome."""


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
    """The findings in the order of the exchanges, and the rules that couldn't be judged without an outcome."""

    findings: tuple[Finding, ...]
    not_judged: tuple[str, ...]


def judge(
    journal: Journal, api: Api, *, outcome: str | None = None, job: str | None = None, now: int | None = None,
    settings: RuleSettings | None = None,
) -> Verdict:  # fmt: skip
    """Judge a client by the exchanges of one API in its journal.

    `outcome` says how the client's call ended, `returned` or `raised`, for `job` (by default the last one). `now` is
    the clock's reading at that time (by default the last exchange's). Raises UsageError.
    """
    if outcome not in (None, *OUTCOMES):
        allowed = f"Allowed: {', '.join(OUTCOMES)}.{hint(outcome, OUTCOMES)}"
        raise UsageError(f"'outcome' is {short_repr(outcome)}. {allowed}")
    whole = client_history(journal, api, settings or RuleSettings())
    histories = {history.job: history for history in job_histories(whole)}
    if job is not None and redact_id(job) not in histories:
        raise UsageError(_unknown_job(job, [one for one in histories if one]))
    findings = list(_findings(JOURNAL_RULES, whole))
    if outcome and whole.exchanges:
        last = _judged_history(whole, histories, job)
        histories[last.job] = ended = last.with_outcome(outcome, whole, now)
        findings += [] if ended.is_lost_by_server else _findings(OUTCOME_RULES, ended)
    for history in histories.values():
        findings += [] if history.is_lost_by_server else _findings(JOB_RULES, history)
    not_judged = () if outcome else tuple(rule for rule in OUTCOME_RULES if whole.settings.severity(rule) != "off")
    return Verdict(findings=tuple(sorted(findings, key=lambda finding: finding.exchanges)), not_judged=not_judged)


def _unknown_job(job: str, known: Sequence[str]) -> str:
    """Return in words that the journal doesn't have a job, with some jobs that it has."""
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    listed = f"Jobs: {', '.join(known[:_MOST_LISTED]) or 'none'}{more}.{hint(job, known)}"
    return f"The journal has no exchange of the job {short_repr(job)}. {listed}"


def _judged_history(whole: History, histories: Mapping[str | None, History], job: str | None) -> History:
    """Return the history of the job that the outcome belongs to; that of refused starts if there is no job."""
    if job is not None:
        return histories[redact_id(job)]
    return max(histories.values(), key=lambda history: history.exchanges[-1].number, default=whole)


def _findings(checks: Mapping[str, RuleCheck], history: History) -> Iterator[Finding]:
    """Yield one finding for each broken rule and job: the first evidence, and the number of further ones."""
    for rule, check in checks.items():
        if (severity := history.settings.severity(rule)) == "off":
            continue
        found: dict[str | None, list[Evidence]] = {}
        for evidence in check(history):
            found.setdefault(evidence.job or history.job, []).append(evidence)
        for job, (first, *others) in found.items():
            times = f", and {len(others)} more like it" if others else ""
            yield Finding(
                rule=rule, severity=severity, job=job, exchanges=first.exchanges, evidence=first.text + times,
                remedy=RULES[rule].remedy,
            )  # fmt: skip
