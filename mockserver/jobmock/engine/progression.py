"""The state machine of one job: pure, with `now` as an argument.

A job's state is (step, entered at, polls answered in it). A step that counts polls ends when its n-th poll is
answered, and the next is entered at that moment. A step that counts time ends at exactly entered-at + time, whether
somebody looks or not, and left-over time runs on: one poll may pass many such steps. The last step holds for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from ..models import After, Fault, Scenario, Step

ALL = -1
"""Of a stage's `visible`: everybody the job ends with."""

ABSENT = "not_found"
"""The status of a step in which the job can't be found. It is no state of a job, so no transition leads there."""

Transitions = Mapping[str, frozenset[str]]
"""From each status to those that may follow it, skipped ones included; a terminal status has none."""


class State(NamedTuple):
    """Where a job stands: the step's index, when it was entered (nanoseconds), and the polls it has answered."""

    step: int
    entered: int
    polls: int = 0


_state = partial(tuple.__new__, State)
"""Makes a state of its three members; calling the class costs three times as much, and every poll pays it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step in its place: the other status before it, how many of its own came before, and who is visible.

    `visible` is a number of people, ALL, or None where the answer has no results at all.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """A scenario made ready to be played: its steps in their places, its faults by operation."""

    scenario: Scenario
    stages: tuple[Stage, ...]
    faults: Mapping[str, tuple[Fault, ...]]

    @property
    def name(self) -> str:
        return self.scenario.name


def plan(scenario: Scenario, shows: Mapping[str, str]) -> Plan:
    """Make a scenario ready; `shows` as for `stages`."""
    faults: dict[str, tuple[Fault, ...]] = {}
    for fault in scenario.faults:
        faults[fault.operation] = (*faults.get(fault.operation, ()), fault)
    return Plan(scenario=scenario, stages=stages(scenario.progression, shows), faults=faults)


def stages(
    steps: Sequence[Step], shows: Mapping[str, str], *, held: int | None = None, before: str | None = None
) -> tuple[Stage, ...]:
    """Place the steps. `shows` says for a status what is visible where the step is silent.

    Its values: `nobody` (no results at all), `none` (nobody new), `kept` (what the step before showed), `kept or none`,
    and `all`. `held` people were visible and the status was `before` where these steps carry on from others.
    """
    placed: list[Stage] = []
    known, present, before = held or 0, before, None
    met = Counter[str]()
    for number, step in enumerate(steps):
        default = {"nobody": None, "none": known, "kept": held, "kept or none": held or 0, "all": ALL}
        visible = step.results if step.results is not None else default[shows.get(step.status, "kept")]
        if step.status not in (present, ABSENT):
            before, present = present, step.status
        other = before if step.status == present else present
        placed.append(Stage(number=number, step=step, before=other, nth=met[step.status], visible=visible))
        met[step.status] += 1
        if step.status != ABSENT:
            held = visible
    return tuple(placed)


def settle(stages: Sequence[Stage], state: State, now: int) -> State:
    """Pass every step whose time has run out by `now`."""
    step, entered, polls = state
    after = stages[step].step.after
    while after is not None and after.time is not None and now >= entered + after.time:
        step, entered, polls = step + 1, entered + after.time, 0
        after = stages[step].step.after
    return state if step == state.step else State(step, entered, polls)


def poll(stages: Sequence[Stage], state: State, now: int) -> tuple[Stage, State]:
    """Answer one poll: return the stage that holds at `now`, and the state after the answer."""
    step, entered, polls = state
    stage = stages[step]
    after = stage.step.after
    if after is not None:  # else it holds for ever
        step, entered, polls = settle(stages, state, now)
        stage = stages[step]
        after = stage.step.after
        if after is not None and after.polls == polls + 1:
            return stage, State(step + 1, now, 0)
    return stage, _state((step, entered, polls + 1))


def illegal(steps: Sequence[Step], transitions: Transitions) -> Iterator[tuple[int, str, str]]:
    """Yield (index, status before, status) of each step that the table doesn't allow after the one before it.

    A step may repeat the status before it. Statuses that the table doesn't know are not judged.
    """
    before: str | None = None
    for index, step in enumerate(steps):
        if step.status not in transitions:
            continue
        if before not in (None, step.status) and step.status not in transitions[before or ""]:
            yield index, before or "", step.status
        before = step.status


def shrinking(stages: Sequence[Stage], held: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield (index, visible before, visible) of each stage that shows fewer people than one before, or `held`."""
    most = held
    for stage in stages:
        if stage.visible is None or stage.visible == ALL:
            continue
        if stage.visible < most:
            yield stage.number, most, stage.visible
        most = max(most, stage.visible)
