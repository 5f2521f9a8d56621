"""`judge(journal, api) -> Verdict`: asks every rule, and words what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..dialect.api import Api
from ..engine.journal import Journal, redact
from ..errors import UsageError, hint
from . import ending, paging, polling, sending, waiting
from .manners import Manners
from .rules import RULES
from .story import Evidence, Story, stories_of_jobs, whole_story

OUTCOMES = ("returned", "raised")
Check = Callable[[Story], Iterator[Evidence]]

OF_JOURNAL: Mapping[str, Check] = {
    "retry-after-ignored": waiting.retry_after_ignored,
    "started-twice": sending.started_twice,
    "key-in-url": sending.key_in_url,
}
"""Rules that look at the whole journal."""

OF_JOB: Mapping[str, Check] = {
    "polled-after-end": polling.polled_after_end,
    "polled-too-fast": polling.polled_too_fast,
    "no-back-off": waiting.no_back_off,
    "no-deadline": polling.no_deadline,
    "refusal-not-heeded": polling.refusal_not_heeded,
    "page-missed": paging.page_missed,
    "page-repeated": paging.page_repeated,
    "page-past-end": paging.page_past_end,
    "page-size-changed": paging.page_size_changed,
}
"""Rules that look at each job for itself."""

OF_END: Mapping[str, Check] = {
    "gave-up-early": ending.gave_up_early,
    "unknown-status-as-result": ending.unknown_status_as_result,
    "error-as-result": ending.error_as_result,
    "result-as-failure": ending.result_as_failure,
}
"""Rules that look at the job whose call ended, and need to know how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that the client broke. `exchanges` are numbers of the journal; `job` is None where it concerns none."""

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
    """What was found, in the order of the exchanges, and the rules that couldn't be judged without an outcome."""

    findings: tuple[Finding, ...]
    not_judged: tuple[str, ...]


def judge(
    journal: Journal, api: Api, *, outcome: str | None = None, job: str | None = None, now: int | None = None,
    manners: Manners | None = None,
) -> Verdict:  # fmt: skip
    """Judge a client by its journal; what a client of another API left there doesn't count.

    `outcome` is how the client's call ended, `returned` or `raised`, for `job` or else the last one; `now` the clock's
    reading then, or else the last exchange's. Raises UsageError.
    """
    if outcome not in (None, *OUTCOMES):
        raise UsageError(f"'outcome' is {outcome!r}. Allowed: {', '.join(OUTCOMES)}.{hint(outcome, OUTCOMES)}")
    whole = whole_story(journal, api, manners or Manners())
    stories = {story.job: story for story in stories_of_jobs(whole)}
    if job is not None and redact(job) not in stories:
        known = [one for one in stories if one]
        told = f"Jobs: {', '.join(known) or 'none'}.{hint(job, known)}"
        raise UsageError(f"The journal has no exchange of the job {job!r}. {told}")
    findings = list(_ask(OF_JOURNAL, whole))
    if outcome and whole.exchanges:
        last = _last(whole, stories, job)
        stories[last.job] = ended = last.ended(outcome, whole, now)
        findings += _ask(OF_END, ended)
    for story in stories.values():
        findings += _ask(OF_JOB, story)
    unasked = () if outcome else tuple(rule for rule in OF_END if whole.manners.severity(rule) != "off")
    return Verdict(findings=tuple(sorted(findings, key=lambda finding: finding.exchanges)), not_judged=unasked)


def _last(whole: Story, stories: Mapping[str | None, Story], job: str | None) -> Story:
    """Return the story of the job that the outcome belongs to; that of refused starts where there is no job at all."""
    if job is not None:
        return stories[redact(job)]
    return max(stories.values(), key=lambda story: story.exchanges[-1].number, default=whole)


def _ask(checks: Mapping[str, Check], story: Story) -> Iterator[Finding]:
    """Yield one finding for each rule and job: the first evidence, and how often there was more of it."""
    for rule, check in checks.items():
        if (severity := story.manners.severity(rule)) == "off":
            continue
        found: dict[str | None, list[Evidence]] = {}
        for evidence in check(story):
            found.setdefault(evidence.job or story.job, []).append(evidence)
        for job, (first, *others) in found.items():
            times = f", and {len(others)} more like it" if others else ""
            yield Finding(
                rule=rule, severity=severity, job=job, exchanges=first.exchanges, evidence=first.text + times,
                remedy=RULES[rule].remedy,
            )  # fmt: skip
