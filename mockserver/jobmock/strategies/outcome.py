"""The result of one run of a client, judged by the rules of etiquette, its budget, and the returned value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..dialect.api import Api
from ..engine.jobs import Job
from ..engine.namespace import Namespace
from ..engine.progression import Stage
from ..etiquette import RuleSettings, judge
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
    api: Api, namespace: Namespace, job: Job, settings: RuleSettings, *, returned: Any, raised: BaseException | None
) -> RunResult:
    """Judge a run that has just ended: it raised `raised`, or, if that is None, returned `returned`."""
    journal = tuple(namespace.journal)
    findings = tuple(map(redact, _findings(api, namespace, job, settings, returned, raised)))
    return RunResult(returned=returned, raised=raised, findings=findings, journal=journal)


def _findings(
    api: Api, namespace: Namespace, job: Job, settings: RuleSettings, returned: Any, raised: BaseException | None
) -> Iterator[str]:
    if isinstance(raised, BudgetExceeded):
        yield f"budget (error): {raised}"
    elif all(exchange.job != job.id for exchange in namespace.journal):
        ended = f"it raised {raised!r}" if raised else "it returned"
        yield f"nothing-asked (error): the client sent no request about its job with its key; {ended}."
    else:
        outcome, now = "returned" if raised is None else "raised", namespace.clock.now()
        verdict = judge(namespace.journal, api, outcome=outcome, now=now, settings=settings)
        yield from (str(finding) for finding in verdict.findings if finding.severity == "error")
        if raised is None:
            yield from _result_findings(returned, job, api, tuple(namespace.journal), now)


def _result_findings(returned: Any, job: Job, api: Api, journal: Sequence[Exchange], now: int) -> Iterator[str]:
    """Yield the findings about the value that a client returned.

    A mapping with a `status` counts as the job's answer, a list in it (or a bare list) as the job's results. Any other
    value isn't judged, because each client may return what it likes.
    """
    stage = job.stage(now)
    status = returned.get("status") if isinstance(returned, Mapping) else None
    if stage.status in api.terminal and status != stage.status and status in tuple(api.transitions):
        yield f"wrong-status (error): the client returned {status!r}, and the job was {stage.status!r}."
    people, success = _only_record_list(returned), _success_stage(job, api, journal)
    if people is None or success is None:
        return
    one, many = api.result_nouns[api.kind(job.plan.scenario.run_shape)]
    visible = job.shows(success)
    if many and len(people) != visible:
        yield f"wrong-count (error): the client returned {len(people)} {many}, and the job had {visible}."
    elif many and (twice := len(people) - len({orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in people})):
        yield f"returned-twice (error): the client returned {twice} {one if twice == 1 else many} twice."


def _only_record_list(returned: Any) -> list[Any] | None:
    """Return the list of records in a returned value, if it has exactly one."""
    values = returned.values() if isinstance(returned, Mapping) else [returned]
    lists = [value for value in values if isinstance(value, list)]
    return lists[0] if len(lists) == 1 and all(isinstance(each, Mapping) for each in lists[0]) else None


def _success_stage(job: Job, api: Api, journal: Sequence[Exchange]) -> Stage | None:
    """Return the one step that showed the client success, unless it changes its pages or its body on purpose."""
    ends = {exchange.step for exchange in journal if exchange.state in api.terminal}
    if len(ends) != 1:
        return None
    stage = job.plan.stages[(ends.pop() or 1) - 1]
    step = stage.step
    honest = api.shows.get(step.status) == "all" and not (step.pages or step.body or step.omit or step.violates)
    return stage if honest else None
