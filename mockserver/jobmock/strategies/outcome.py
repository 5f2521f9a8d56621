"""What a client made of a job: its answer, held against how the job stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from ..dialect import Api
from ..models import Exchange
from ..namespace import Job


def wrong_answers(returned: Any, job: Job, api: Api, journal: Sequence[Exchange], now: int) -> Iterator[str]:
    """Yield what is wrong with what a client returned, as far as it can be told of any client's answer.

    A mapping with a `status` is taken for the job's answer, a list in it (or a bare one) for what the job ended with.
    Anything else is the client's own affair.
    """
    stage = job.stage(now)
    status = returned.get("status") if isinstance(returned, Mapping) else None
    if isinstance(status, str) and status in api.transitions and stage.status in api.terminal and status != stage.status:
        yield f"wrong-status (error): the client returned {status!r}, and the job had come to {stage.status!r}."
    people = _list_of(returned)
    if people is None or not _countable(job, api, journal):
        return
    one, many = api.ends_with[api.kind(job.plan.scenario.run_shape)]
    visible = job.shows(stage)
    if many and len(people) != visible:
        yield f"wrong-count (error): the client returned {len(people)} {many}, and the job had {visible}."
    elif many and (twice := len(people) - len({orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in people})):
        yield f"returned-twice (error): the client returned {twice} {one if twice == 1 else many} twice."


def _list_of(returned: Any) -> list[Any] | None:
    """Return the list of records in an answer, if there is exactly one."""
    values = returned.values() if isinstance(returned, Mapping) else [returned]
    lists = [value for value in values if isinstance(value, list)]
    return lists[0] if len(lists) == 1 and all(isinstance(each, Mapping) for each in lists[0]) else None


def _countable(job: Job, api: Api, journal: Sequence[Exchange]) -> bool:
    """Say whether one number is right: success in one step that the client saw, whose pages and body are honest."""
    ends = {exchange.step for exchange in journal if exchange.state in api.terminal}
    if len(ends) != 1:
        return False
    step = job.plan.stages[ends.pop() or 0].step
    return api.shows.get(step.status) == "all" and not (step.pages or step.body or step.omit or step.violates)
