"""A job moves through its steps by polls and by time, never back, and stays in the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support import EPOCH, examples

from jobmock.clock import SECOND
from jobmock.engine.progression import ABSENT, ALL, Stage, State, plan, poll, settle, shrinking, stages
from jobmock.models import After, Fault, Pages, Scenario, Step, When

FOREVER = 10**30
SHOWS = {
    "pending": "nobody", "searching": "none", "growing": "kept", "processing": "kept or none", "completed": "all",
}  # fmt: skip


def polls(count: int) -> After:
    return After(polls=count)


def seconds(count: float) -> After:
    return After(time=round(count * SECOND))


def placed(*afters: After) -> tuple[Stage, ...]:
    """Return stages with these ends, and a last stage that never ends."""
    steps = [Step(status=f"s{number}", after=after) for number, after in enumerate((*afters, None))]
    return stages(steps, {})


def played(script: Sequence[Stage], *times: float) -> list[int]:
    """Return the steps that answer polls at these seconds after the start of the job."""
    state, answered = State(0, EPOCH), []
    for moment in times:
        stage, state = poll(script, state, EPOCH + round(moment * SECOND))
        answered.append(stage.number)
    return answered


class Interval(NamedTuple):
    """The time of a step, and the polls (by index) that it answers."""

    start: int
    end: int
    answers: range


def intervals(script: Sequence[Stage], created: int, times: Sequence[int]) -> list[Interval]:
    """Return the interval of each step, given the times of all polls: the model."""
    laid, start, done = list[Interval](), created, 0
    for stage in script:
        first, after = done, stage.after
        if after is None:
            end, done = FOREVER, len(times)
        elif after.time is not None:
            end = start + after.time
            done = first + sum(moment < end for moment in times[first:])
        else:
            done = min(len(times), first + (after.polls or 0))
            end = times[done - 1] if done - first == after.polls else FOREVER
        laid.append(Interval(start, end, range(first, done)))
        if end == FOREVER:
            break
        start = end
    return laid


def expected(script: Sequence[Stage], created: int, times: Sequence[int], now: int) -> int:
    """Return the step at `now`, after the polls at `times` were answered."""
    return next(index for index, held in enumerate(intervals(script, created, times)) if now < held.end)


ENDS = st.one_of(
    st.integers(1, 4).map(lambda count: After(polls=count)),
    st.one_of(st.integers(1, 4), st.integers(1, 60 * SECOND)).map(lambda time: After(time=time)),
)
SCRIPTS = st.lists(ENDS, max_size=8).map(lambda afters: placed(*afters))


class Progressions(RuleBasedStateMachine):
    """Polls, reads and time in any order, compared with the model after each of them."""

    script: tuple[Stage, ...] = ()

    @initialize(script=SCRIPTS, created=st.sampled_from([0, EPOCH]))
    def make(self, script: tuple[Stage, ...], created: int) -> None:
        self.script, self.created, self.now = script, created, created
        self.state, self.polled, self.highest = State(0, created), list[int](), 0

    @rule(passed=st.one_of(st.integers(0, 4), st.integers(0, 200 * SECOND)))
    def time_passes(self, passed: int) -> None:
        self.now += passed

    @precondition(lambda self: self.ends() is not None)
    @rule(early=st.sampled_from([0, 1]))
    def time_passes_to_an_end(self, early: int) -> None:
        """Move to the end of the current time step, or to the last nanosecond before it."""
        self.now = max(self.now, (self.ends() or 0) - early)

    def ends(self) -> int | None:
        """Return when the current step ends by time."""
        if not self.script:
            return None
        laid = intervals(self.script, self.created, self.polled)
        end = next(held.end for held in laid if self.now < held.end)
        return end if end < FOREVER else None

    @rule()
    def is_polled(self) -> None:
        stage, self.state = poll(self.script, self.state, self.now)
        assert stage is self.script[expected(self.script, self.created, self.polled, self.now)]
        assert stage.number >= self.highest
        self.highest = stage.number
        self.polled.append(self.now)
        held = intervals(self.script, self.created, self.polled)[stage.number]
        assert len(self.polled) - 1 in held.answers

    @rule()
    def is_looked_at(self) -> None:
        """Read the stage, which must not change any later answer."""
        self.state = settle(self.script, self.state, self.now)

    @invariant()
    def agrees_with_the_model(self) -> None:
        if not self.script:
            return
        found = settle(self.script, self.state, self.now)
        laid = intervals(self.script, self.created, self.polled)
        index = expected(self.script, self.created, self.polled, self.now)
        assert found == State(index, laid[index].start, len(laid[index].answers))
        assert settle(self.script, found, self.now) == found
        assert self.highest <= found.step < len(self.script)

    @invariant()
    def the_last_step_holds(self) -> None:
        if self.script and settle(self.script, self.state, self.now).step == len(self.script) - 1:
            for later in (0, 1, FOREVER):
                stage, state = poll(self.script, self.state, self.now + later)
                assert stage.number == state.step == len(self.script) - 1


Progressions.TestCase.settings = settings(max_examples=examples(200), stateful_step_count=40, deadline=None)
TestProgressions = Progressions.TestCase
TestProgressions.__doc__ = "Any mixture of polls, looks and time passing gives what the laid-out intervals say."


@given(SCRIPTS, st.lists(st.integers(0, 30 * SECOND), max_size=20), st.lists(st.integers(0, 30 * SECOND), max_size=20))
def test_only_polls_and_now_count(script: tuple[Stage, ...], gaps: list[int], looks: list[int]) -> None:
    """A step depends on the scenario, the times of the polls and now; reads in between change nothing."""
    watched = unwatched = State(0, EPOCH)
    now = EPOCH
    for number, gap in enumerate(gaps):
        for look in sorted(looks[number:]):
            watched = settle(script, watched, now + min(look, gap))
        now += gap
        seen, watched = poll(script, watched, now)
        unseen, unwatched = poll(script, unwatched, now)
        assert seen is unseen
        assert settle(script, watched, now) == settle(script, unwatched, now)


@given(SCRIPTS, st.lists(st.integers(0, 30 * SECOND), max_size=20), st.integers(0, 10**20))
def test_moment_of_creation_does_not_matter(script: tuple[Stage, ...], gaps: list[int], later: int) -> None:
    """A job that starts later does the same at later times."""

    def numbers(created: int) -> list[int]:
        state, now, seen = State(0, created), created, []
        for gap in gaps:
            now += gap
            stage, state = poll(script, state, now)
            seen.append(stage.number)
        return seen

    assert numbers(0) == numbers(later)


@pytest.mark.parametrize(
    ("afters", "times", "answered"),
    [
        ((), [0, 1, 10**9], [0, 0, 0]),
        ((polls(1),), [0, 0, 0], [0, 1, 1]),
        ((polls(2), polls(1)), [0, 0, 0, 0], [0, 0, 1, 2]),
        ((seconds(5),), [0, 4.999999999, 5, 6], [0, 0, 1, 1]),
        ((seconds(5), seconds(5)), [9, 10], [1, 2]),
        ((seconds(1), seconds(1), seconds(1)), [0.5, 2.5, 2.5, 3], [0, 2, 2, 3]),
        ((seconds(1), polls(2), seconds(1)), [50, 51, 51.5, 52], [1, 1, 2, 3]),
        ((polls(1), seconds(5)), [7, 7, 11.9, 12], [0, 1, 1, 2]),
        ((polls(1), seconds(5), seconds(5)), [7, 16, 17], [0, 2, 3]),
        ((seconds(5), polls(1), seconds(5)), [4, 100, 104, 105], [0, 1, 2, 3]),
        ((polls(2), seconds(1), polls(2)), [0, 9, 10, 10, 10], [0, 0, 2, 2, 3]),
    ],
)
def test_moves(afters: tuple[After, ...], times: list[float], answered: list[int]) -> None:
    """Polls end steps that count polls, time ends steps that count time, and each begins where the last one ended."""
    assert played(placed(*afters), *times) == answered


@pytest.mark.parametrize("length", [1, SECOND, 31_536_000 * SECOND])
def test_time_step_ends_exactly(length: int) -> None:
    """A time step lasts until one nanosecond before its entry plus its length."""
    script = placed(After(time=length))
    assert settle(script, State(0, EPOCH), EPOCH + length - 1) == State(0, EPOCH)
    assert settle(script, State(0, EPOCH), EPOCH + length) == State(1, EPOCH + length)
    assert poll(script, State(0, EPOCH), EPOCH + length - 1)[0].number == 0
    assert poll(script, State(0, EPOCH), EPOCH + length)[0].number == 1


@pytest.mark.parametrize("count", [1, 2, 7])
def test_poll_step_ends_at_its_last_poll(count: int) -> None:
    """A poll step answers exactly n polls, and the next one is entered at the moment of the n-th, however late."""
    script, state = placed(polls(count), seconds(5)), State(0, EPOCH)
    for number in range(1, count + 1):
        assert state == State(0, EPOCH, number - 1)
        stage, state = poll(script, state, EPOCH + number * SECOND)
        assert stage.number == 0
    assert state == State(1, EPOCH + count * SECOND)


def test_polls_within_a_time_step_are_counted_there_only() -> None:
    """Polls answered in a time step are forgotten at its end: the poll step after it answers all of its own."""
    script = placed(seconds(10), polls(2))
    assert played(script, 1, 2, 3, 10, 11, 12) == [0, 0, 0, 1, 1, 2]
    assert poll(script, State(0, EPOCH, 5), EPOCH) == (script[0], State(0, EPOCH, 6))


def test_left_over_time_runs_on() -> None:
    """One poll passes every time step that has ended; the current step was entered when the one before it ended."""
    script = placed(seconds(1), seconds(2), seconds(4), seconds(8))
    assert settle(script, State(0, EPOCH), EPOCH + 5 * SECOND) == State(2, EPOCH + 3 * SECOND)
    assert settle(script, State(0, EPOCH), EPOCH + 900 * SECOND) == State(4, EPOCH + 15 * SECOND)


def test_time_stops_before_a_poll_step() -> None:
    """Time doesn't end a poll step, and the time before it doesn't count for a step after it."""
    script = placed(seconds(1), polls(1), seconds(3))
    assert settle(script, State(0, EPOCH), EPOCH + 900 * SECOND) == State(1, EPOCH + SECOND)
    assert played(script, 900, 902.999999999, 903) == [1, 2, 3]


VISIBLE = [
    # what `shows` says, what was held: what is visible
    ("nobody", None, None), ("nobody", 0, None), ("nobody", 7, None), ("nobody", ALL, None),
    ("none", None, 0), ("none", 0, 0), ("none", 7, 7), ("none", ALL, ALL),
    ("kept", None, None), ("kept", 0, 0), ("kept", 7, 7), ("kept", ALL, ALL),
    ("kept or none", None, 0), ("kept or none", 0, 0), ("kept or none", 7, 7), ("kept or none", ALL, ALL),
    ("all", None, ALL), ("all", 0, ALL), ("all", 7, ALL), ("all", ALL, ALL),
]  # fmt: skip


@pytest.mark.parametrize(("shows", "held", "visible"), VISIBLE)
def test_visible(shows: str, held: int | None, visible: int | None) -> None:
    """Without `results`, a first step shows people by its status and by the number from before."""
    (stage,) = stages([Step(status="any")], {"any": shows}, people=held)
    assert stage.visible == visible


@pytest.mark.parametrize(
    ("shows", "visible"), [("nobody", None), ("none", 2), ("kept", 9), ("kept or none", 9), ("all", ALL)]
)
def test_visible_later(shows: str, visible: int | None) -> None:
    """Without `results`, a later `kept` step shows the people of the step before, and `none` only those from before."""
    steps = [Step(status="growing", results=5), Step(status="growing", results=9), Step(status="any")]
    assert stages(steps, {**SHOWS, "any": shows}, people=2)[-1].visible == visible


def test_nothing_is_kept_of_no_results() -> None:
    """After a step without results, `kept` has no results either, and `kept or none` an empty list."""
    statuses = ["pending", "growing", "pending", "processing"]
    made = stages([Step(status=status) for status in statuses], SHOWS, people=7)
    assert [stage.visible for stage in made] == [None, None, None, 0]


@pytest.mark.parametrize("shows", sorted({shows for shows, _, _ in VISIBLE}))
@pytest.mark.parametrize("results", [0, 3])
def test_results_decide(shows: str, results: int) -> None:
    """A step's own `results`, also 0, win over its status."""
    (stage,) = stages([Step(status="any", results=results)], {"any": shows}, people=7)
    assert stage.visible == results


def test_unknown_status_keeps() -> None:
    """An unknown status shows the people of the step before."""
    before, after = stages([Step(status="growing", results=4), Step(status="strange")], SHOWS)
    assert (before.visible, after.visible) == (4, 4)


def test_visible_along_a_progression() -> None:
    """The visible people go on from step to step, also across a `not_found` step."""
    steps = [
        Step(status="pending", after=polls(1)),
        Step(status="processing", after=polls(1)),
        Step(status="growing", after=polls(1), results=2),
        Step(status=ABSENT, after=polls(1), results=9),
        Step(status="processing", after=polls(1)),
        Step(status="completed", after=polls(1)),
        Step(status=ABSENT, after=polls(1)),
        Step(status="growing", after=polls(1)),
        Step(status="searching", after=polls(1)),
        Step(status="growing"),
    ]
    assert [stage.visible for stage in stages(steps, SHOWS)] == [None, 0, 2, 9, 2, ALL, ALL, ALL, 0, 0]


def test_places() -> None:
    """A stage has its number, the last different status (but `not_found`), and the number of earlier stages like it."""
    steps = [
        Step(status=status, after=polls(1))
        for status in ("pending", "pending", ABSENT, "searching", "pending", ABSENT, ABSENT, "searching")
    ]
    assert [(stage.number, stage.status, stage.before, stage.nth) for stage in stages(steps, SHOWS)] == [
        (0, "pending", None, 0),
        (1, "pending", None, 1),
        (2, ABSENT, "pending", 0),
        (3, "searching", "pending", 0),
        (4, "pending", "searching", 2),
        (5, ABSENT, "pending", 1),
        (6, ABSENT, "pending", 2),
        (7, "searching", "pending", 1),
    ]
    assert [stage.step for stage in stages(steps, SHOWS)] == steps
    assert stages([], SHOWS) == ()


@pytest.mark.parametrize(("visible", "shown"), [(None, 0), (0, 0), (2, 2), (5, 3), (ALL, 3)])
def test_no_more_are_shown_than_there_are(visible: int | None, shown: int) -> None:
    """Of three people a stage shows as many as it says, at most all of them."""
    stage = Stage(number=0, step=Step(status="completed"), before=None, nth=0, visible=visible)
    assert stage.shows(3) == shown


def test_places_of_a_continuation() -> None:
    """The steps of a continuation know the status before them, and are numbered from 0."""
    steps = [Step(status=ABSENT, after=polls(1)), Step(status="pending", after=polls(1)), Step(status="completed")]
    made = stages(steps, SHOWS, before="completed", people=4)
    assert [(stage.number, stage.before, stage.nth) for stage in made] == [
        (0, "completed", 0),
        (1, "completed", 0),
        (2, "pending", 0),
    ]


def test_plan() -> None:
    """A plan has the scenario's name, its stages, and its faults by operation in the order of the file."""
    first, second, third = (
        Fault(when=When(every=2)),
        Fault(operation="start", when=When(every=3)),
        Fault(when=When(every=5)),
    )
    steps = (Step(status="pending", after=polls(1)), Step(status="completed"))
    scenario = Scenario(name="clado/any", api="clado", summary="", progression=steps, faults=(first, second, third))
    made = plan(scenario, SHOWS)
    assert made.name == "clado/any" and made.scenario is scenario
    assert made.stages == stages(steps, SHOWS)
    assert dict(made.faults) == {"status": (first, third), "start": (second,)}


@pytest.mark.parametrize(
    ("visible", "found"),
    [
        ([], []),
        ([0, 3, 3, 7], []),
        ([None, 0, None, 3], []),
        ([3, 2], [(1, 3, 2)]),
        ([3, 2, 2, 3, 0], [(1, 3, 2), (2, 3, 2), (4, 3, 0)]),
        ([3, None, 2], [(2, 3, 2)]),
        ([3, None], []),
        ([3, ALL], []),
        ([3, ALL, 2], [(2, 3, 2)]),
    ],
)
def test_shrinking(visible: list[int | None], found: list[tuple[int, int, int]]) -> None:
    """A stage with fewer people than an earlier one shrinks; one without results, or with all, doesn't."""
    made = [
        Stage(number=number, step=Step(status="any", pages=Pages()), before=None, nth=number, visible=count)
        for number, count in enumerate(visible)
    ]
    assert list(shrinking(made)) == found
