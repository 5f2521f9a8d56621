"""How one run of a client ended, and what was wrong with it: its manners, its budget, its answer."""

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


class OutOfBudget(BaseException):
    """A client asked too often, or for too long. No Exception, because clients catch those and go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How one run of a client ended: what it returned or raised, what it did wrong, and what it asked.

    Each of the `faults` begins with the name of the rule that was broken.
    """

    returned: Any = None
    raised: BaseException | None = None
    faults: Sequence[str]
    journal: Sequence[Exchange]


def judged(
    api: Api, namespace: Namespace, job: Job, manners: RuleSettings, *, returned: Any, raised: BaseException | None
) -> Run:
    """Judge a run that has just ended with `returned`, or, if it isn't None, with `raised`."""
    journal = tuple(namespace.journal)
    faults = tuple(_faults(api, namespace, job, manners, returned, raised))
    return Run(returned=returned, raised=raised, faults=faults, journal=journal)


def _faults(
    api: Api, namespace: Namespace, job: Job, manners: RuleSettings, returned: Any, raised: BaseException | None
) -> Iterator[str]:
    if isinstance(raised, OutOfBudget):
        yield f"budget (error): {raised}"
    elif all(exchange.job != job.id for exchange in namespace.journal):
        ended = f"it raised {raised!r}" if raised else "it returned"
        yield f"nothing-asked (error): the client sent no request about its job with its key; {ended}."
    else:
        outcome, now = "returned" if raised is None else "raised", namespace.clock.now()
        verdict = judge(namespace.journal, api, outcome=outcome, now=now, settings=manners)
        yield from (str(finding) for finding in verdict.findings if finding.severity == "error")
        if raised is None:
            yield from _wrong_answers(returned, job, api, tuple(namespace.journal), now)


def _wrong_answers(returned: Any, job: Job, api: Api, journal: Sequence[Exchange], now: int) -> Iterator[str]:
    """Yield what is wrong with what a client returned, as far as it can be told of any client's answer.

    A mapping with a `status` is taken for the job's answer, a list in it (or a bare one) for what the job ended with.
    Anything else is the client's own affair.
    """
    stage = job.stage(now)
    status = returned.get("status") if isinstance(returned, Mapping) else None
    if stage.status in api.terminal and status != stage.status and status in tuple(api.transitions):
        yield f"wrong-status (error): the client returned {status!r}, and the job had come to {stage.status!r}."
    people, told = _list_of(returned), _success(job, api, journal)
    if people is None or told is None:
        return
    one, many = api.ends_with[api.kind(job.plan.scenario.run_shape)]
    visible = job.shows(told)
    if many and len(people) != visible:
        yield f"wrong-count (error): the client returned {len(people)} {many}, and the job had {visible}."
    elif many and (twice := len(people) - len({orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in people})):
        yield f"returned-twice (error): the client returned {twice} {one if twice == 1 else many} twice."


def _list_of(returned: Any) -> list[Any] | None:
    """Return the list of records in an answer, if there is exactly one."""
    values = returned.values() if isinstance(returned, Mapping) else [returned]
    lists = [value for value in values if isinstance(value, list)]
    return lists[0] if len(lists) == 1 and all(isinstance(each, Mapping) for each in lists[0]) else None


def _success(job: Job, api: Api, journal: Sequence[Exchange]) -> Stage | None:
    """Return the one step that told the client of success, if its pages and its body are honest."""
    ends = {exchange.step for exchange in journal if exchange.state in api.terminal}
    if len(ends) != 1:
        return None
    stage = job.plan.stages[ends.pop() or 0]
    step = stage.step
    honest = api.shows.get(step.status) == "all" and not (step.pages or step.body or step.omit or step.violates)
    return stage if honest else None
