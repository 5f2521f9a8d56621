"""The statuses of a job over time. A job keeps its present state only, so its plan is played again with its polls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .. import apis
from ..engine.jobs import Job, StatusSpan
from ..engine.progression import Plan, Stage, State, poll, settle, stages
from ..models import Exchange

_CHANGES = ("cancel", "more")
"""The operations that give a job other steps."""


class _Entry(NamedTuple):
    """The moment at which a job entered a status."""

    status: str
    at: int


def status_spans(job: Job | None, exchanges: Iterable[Exchange], now: int) -> tuple[StatusSpan, ...]:
    """Return the statuses that a job had until `now`, oldest first.

    `exchanges` are those about the job, oldest first. Without a job, as for exchanges from a file, and where polls are
    missing, a status begins with the first answer that shows it.
    """
    entries = list(_shown(exchanges) if job is None else _entries(job, tuple(exchanges), now))
    kept = [entry for index, entry in enumerate(entries) if not index or entry.status != entries[index - 1].status]
    ends = [*(entry.at for entry in kept[1:]), None]
    return tuple(StatusSpan(entry.status, entry.at, end) for entry, end in zip(kept, ends, strict=bool(kept)))


def exchanges_by_job(exchanges: Iterable[Exchange]) -> dict[str, list[Exchange]]:
    """Return the exchanges about each job, by the id that the journal shows."""
    found: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        if exchange.job is not None:
            found.setdefault(exchange.job, []).append(exchange)
    return found


def _entries(job: Job, exchanges: Sequence[Exchange], now: int) -> list[_Entry]:
    """Return the entries of a job's statuses. The last ones are those of its present state."""
    plan, state = job.plan, job.state  # in this order: a cancel in another thread changes the state first
    changes = [exchange for exchange in exchanges if _is_change(exchange)]
    has_polls = any(exchange.step is not None for exchange in exchanges)
    if (_is_changed(plan) and not changes) or (job.polls and not has_polls):
        entries = list(_shown(exchanges))
    else:
        entries = _Replay(plan, job.created, len(changes)).entries_of(exchanges)
    while entries and entries[-1].at > state.entered:
        entries.pop()
    present = _Entry(plan.stages[state.step].status, state.entered)
    return [*entries, present, *_passed(plan.stages, state, now)]


class _Replay:
    """A job's plan, played again. `changes` is how many exchanges may have given the job other steps."""

    def __init__(self, plan: Plan, created: int, changes: int) -> None:
        self._plan, self._changes_left = plan, changes
        self._terminal = apis.load(plan.scenario.api).terminal
        self._stages = stages(plan.scenario.progression, {}) if changes else plan.stages
        self._state = State(0, created)
        self._entries = [_Entry(self._stages[0].status, created)]

    def entries_of(self, exchanges: Sequence[Exchange]) -> list[_Entry]:
        """Return the entries until the last exchange. From an answer of another step on, those that answers show."""
        known = 0
        for index, exchange in enumerate(exchanges):
            if _is_change(exchange):
                self._change(exchange)
            elif exchange.step is not None and not self._poll(exchange):
                return [*self._entries[:known], *_shown(exchanges[index:])]
            known = len(self._entries)
        return self._entries

    def _poll(self, exchange: Exchange) -> bool:
        """Play a poll. Returns False if it was answered at another step than the plan says."""
        stage, following = poll(self._stages, self._state, exchange.at)
        if stage.number + 1 != exchange.step:
            return False
        self._settle(exchange.at)
        if following.step != self._state.step:
            self._entries.append(_Entry(self._stages[following.step].status, exchange.at))
        self._state = following
        return True

    def _change(self, exchange: Exchange) -> None:
        """Enter the steps that an exchange gave to the job. A cancel of an ended job gives it none."""
        self._changes_left -= 1
        self._settle(exchange.at)
        if exchange.operation == "cancel" and self._stages[self._state.step].status in self._terminal:
            return
        self._stages = self._reopened() if self._changes_left else self._plan.stages
        self._state = State(0, exchange.at)
        self._entries.append(_Entry(self._stages[0].status, exchange.at))

    def _reopened(self) -> tuple[Stage, ...]:
        """Return the stages of a continuation. No other change can come before the last one."""
        scenario = self._plan.scenario
        own = scenario.more.progression if scenario.more else ()
        return stages(own or apis.load(scenario.api).continuation, {})

    def _settle(self, now: int) -> None:
        self._entries += _passed(self._stages, self._state, now)
        self._state = settle(self._stages, self._state, now)


def _passed(stages: Sequence[Stage], state: State, now: int) -> Iterator[_Entry]:
    """Yield the entries of the steps that a job enters by time until `now`."""
    entered = state.entered
    for step in range(state.step, settle(stages, state, now).step):
        after = stages[step].after
        assert after is not None and after.time is not None
        entered += after.time
        yield _Entry(stages[step + 1].status, entered)


def _shown(exchanges: Iterable[Exchange]) -> Iterator[_Entry]:
    """Yield the statuses that answers show."""
    return (_Entry(exchange.state, exchange.at) for exchange in exchanges if exchange.state is not None)


def _is_change(exchange: Exchange) -> bool:
    return exchange.operation in _CHANGES and exchange.status < 300


def _is_changed(plan: Plan) -> bool:
    """Return whether a job has other steps than those with which it began."""
    return plan.stages[0].step is not plan.scenario.progression[0]
