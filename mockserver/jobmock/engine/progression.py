"""The state machine of one job. Pure: the time is an argument.

A job's state is (step, time of entry, polls answered in it). A step that counts polls ends when its n-th poll is
answered; the next step is entered at that moment. A step that counts time ends exactly at its entry + time, polled or
not, and the rest of the time counts for the next one: one poll may pass many such steps. The last step never ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..fast_construction import tuple_maker
from ..models import After, Fault, Limit, Scenario, Step

ALL = -1
"""A value of `Stage.visible`: all people of the job."""

ABSENT = "not_found"
"""The status of a step in which the job can't be found. It is not a status of the API, so no transition names it."""


SHOWS = ("nobody", "none", "kept", "kept or none", "all")
"""What a status may say about the results that a step without `results` shows; see `stages`."""


class State(NamedTuple):
    """The state of a job: index of the step, time of its entry (nanoseconds), polls answered in it."""

    step: int
    entered: int
    polls: int = 0


_state = tuple_maker(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step in its progression.

    `before` is the last status that differs from its own; `nth` counts the earlier steps of the same status; `visible`
    is a number of people, ALL, or None where the answer has no results at all.
    """

    number: int
    step: Step
    before: str | None
    nth: int
    visible: int | None

    @property
    def status(self) -> str:
        return self.step.status

    @property
    def after(self) -> After | None:
        return self.step.after

    def shows(self, count: int) -> int:
        """Return how many of `count` people are visible; 0 where the answer has no results at all."""
        return count if self.visible == ALL else min(self.visible or 0, count)


@dataclass(frozen=True, slots=True, eq=False)
class OwnSettings:
    """The switches and limits of one scenario. Whoever keeps them doesn't keep its steps, which may be very many."""

    switches: Mapping[str, Any]
    limits: Mapping[str, Limit | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Plan:
    """A scenario that is ready to be played: its settings, its stages, and its faults by operation.

    `size` is the memory of the scenario in bytes, and 0 until the catalogue has compiled it.
    It may take much memory. So no cache keeps it: caches have weak references, or only its settings.
    """

    scenario: Scenario
    settings: OwnSettings
    stages: tuple[Stage, ...]
    faults: Mapping[str, tuple[Fault, ...]]
    size: int = 0

    @property
    def name(self) -> str:
        return self.scenario.name


def plan(scenario: Scenario, shows: Mapping[str, str]) -> Plan:
    """Return the plan of a scenario. `shows` is as for `stages`."""
    faults: dict[str, tuple[Fault, ...]] = {}
    for fault in scenario.faults:
        faults[fault.operation] = (*faults.get(fault.operation, ()), fault)
    settings = OwnSettings(scenario.switches, scenario.limits)
    return Plan(
        scenario=scenario, settings=settings, stages=stages(scenario.progression, shows), faults=faults
    )


def stages(
    steps: Sequence[Step], shows: Mapping[str, str], *, people: int | None = None, before: str | None = None
) -> tuple[Stage, ...]:
    """Return the stages of these steps. `shows` says for each status how many people a step without `results` shows.

    Its values: `nobody` (no results at all), `none` (nobody new), `kept` (as the step before), `kept or none`, `all`.
    For steps that continue a job, `people` is how many it has, and `before` its last status.
    """
    made: list[Stage] = []
    known, present, before = people or 0, before, None
    seen = Counter[str]()
    for number, step in enumerate(steps):
        default = dict(zip(SHOWS, (None, known, people, people or 0, ALL), strict=True))
        visible = step.results if step.results is not None else default[shows.get(step.status, "kept")]
        if step.status not in (present, ABSENT):
            before, present = present, step.status
        other = before if step.status == present else present
        made.append(Stage(number=number, step=step, before=other, nth=seen[step.status], visible=visible))
        seen[step.status] += 1
        if step.status != ABSENT:
            people = visible
    return tuple(made)


def settle(stages: Sequence[Stage], state: State, now: int) -> State:
    """Return the state at `now`, after every step whose time has ended."""
    step, entered, polls = state
    after = stages[step].step.after
    while after is not None and after.time is not None and now >= entered + after.time:
        step, entered, polls = step + 1, entered + after.time, 0
        after = stages[step].step.after
    return state if step == state.step else State(step, entered, polls)


def poll(stages: Sequence[Stage], state: State, now: int) -> tuple[Stage, State]:
    """Return the stage that a poll at `now` shows, and the state after its answer."""
    step, entered, polls = state
    stage = stages[step]
    after = stage.step.after
    if after is not None:  # else the stage never ends
        step, entered, polls = settle(stages, state, now)
        stage = stages[step]
        after = stage.step.after
        if after is not None and after.polls == polls + 1:
            return stage, State(step + 1, now, 0)
    return stage, _state((step, entered, polls + 1))


def shrinking(stages: Sequence[Stage], people: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield (index, visible before, visible) of each stage that shows fewer people than an earlier one, or `people`."""
    most = people
    for stage in stages:
        if stage.visible is None or stage.visible == ALL:
            continue
        if stage.visible < most:
            yield stage.number, most, stage.visible
        most = max(most, stage.visible)
