"""Strategies for progressions: legal sequences of steps, which shrink towards a single successful step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..clock import SECOND
from ..dialect.api import Api
from ..engine.progression import ABSENT, shrinking, stages
from ..errors import UsageError
from ..models import MOST_PEOPLE, After, Step
from .arguments import allowed_name, allowed_names, bounded_int, load_api
from .vocabulary import run_shapes, statuses, statuses_before, statuses_of_kind, terminal_statuses

MAX_STEPS, MAX_POLLS, MAX_SECONDS, MAX_RESULTS = 1_000, 1_000_000, 31_536_000, MOST_PEOPLE
"""The limits of the scenario language."""
_MAX_CHOICE = 59
StepChoice = tuple[int, After, int | None]
"""A step before the last: the index of its status among those that fit, its end, and the people that it shows."""


def progressions(
    api: str, *, max_steps: int = 4, max_polls: int = 3, max_seconds: int = 900, results: int = 3,
    ends: Collection[str] | None = None, absent: bool = False, run_shape: str | None = None,
) -> SearchStrategy[tuple[Step, ...]]:  # fmt: skip
    """Return legal progressions: statuses in order, some skipped or repeated, and counters that never decrease.

    Some of the `results` people may be shown early. `ends` are the statuses of the last step, by default the terminal
    ones; with another one the job never ends. With `absent`, the job may be missing for a while. Only statuses that a
    job of this `run_shape` may have are used. Raises UsageError.
    """
    known = load_api(api)
    shape = None if run_shape is None else allowed_name("run_shape", run_shape, run_shapes(known))
    people = bounded_int("results", results, 0, MAX_RESULTS)
    last, earlier = step_strategies(
        known, max_steps=max_steps, max_polls=max_polls, max_seconds=max_seconds, max_results=people, ends=ends
    )
    check_ends(known, ends, (shape,))
    build = partial(build_steps, known, count=people, absent=absent, run_shape=shape)
    return st.builds(build, last, earlier)


def check_ends(api: Api, ends: Collection[str] | None, shapes: Sequence[str | None]) -> None:
    """Raise UsageError for an end that no job of these run shapes can have."""
    possible = {status for shape in shapes for status in statuses_of_kind(api, api.kind(shape))}
    allowed = [status for status in statuses(api) if status in possible]
    allowed_names("ends", terminal_statuses(api) if ends is None else ends, allowed)


def step_strategies(
    api: Api, *, max_steps: int, max_polls: int, max_seconds: int, max_results: int, ends: Collection[str] | None
) -> tuple[SearchStrategy[str], SearchStrategy[list[StepChoice]]]:
    """Return strategies for two arguments of `build_steps`: the last status, and the rows. Raises UsageError."""
    allowed = (*terminal_statuses(api), *(status for status in statuses(api) if status not in api.terminal))
    last = st.sampled_from(allowed_names("ends", terminal_statuses(api) if ends is None else ends, allowed))
    most = bounded_int("max_steps", max_steps, 1, MAX_STEPS) - 1
    afters = _afters(max_polls, max_seconds) if most else st.nothing()
    shown = st.none() | st.integers(0, max_results)
    return last, st.lists(st.tuples(st.integers(0, _MAX_CHOICE), afters, shown), max_size=most)


def _afters(max_polls: int, max_seconds: int) -> SearchStrategy[After]:
    """Return ends of steps: after some polls, or after some seconds."""
    polls = bounded_int("max_polls", max_polls, 0, MAX_POLLS)
    seconds = bounded_int("max_seconds", max_seconds, 0, MAX_SECONDS)
    if not polls and not seconds:
        raise UsageError("A step ends after polls or seconds: 'max_polls' and 'max_seconds' can't both be 0.")
    by_polls = st.integers(1, polls).map(lambda number: After(polls=number)) if polls else st.nothing()
    by_time = st.integers(1, seconds).map(lambda number: After(time=number * SECOND)) if seconds else st.nothing()
    return by_polls | by_time


def build_steps(
    api: Api, end: str, rows: Sequence[StepChoice], count: int, *, held: int = 0, absent: bool = False,
    run_shape: str | None = None,
) -> tuple[Step, ...]:  # fmt: skip
    """Return the steps that lead to a status, chosen from the last to the first; `held` people were visible before."""
    row = [end]
    for choice, _, _ in reversed(rows):
        present = next((status for status in row if status != ABSENT), ABSENT)
        earlier = (*statuses_before(api, present, run_shape), *([ABSENT] if absent else ()))
        row.insert(0, earlier[choice % len(earlier)])
    shown = _shown_counts(api, row, [wanted for _, _, wanted in rows], count, held)
    ended = [after for _, after, _ in rows]
    steps = [
        Step(status=status, after=after, results=visible)
        for status, after, visible in zip(row, [*ended, None], shown, strict=True)
    ]
    return _keep_counts_growing(api, steps, held)


def _keep_counts_growing(api: Api, steps: list[Step], held: int) -> tuple[Step, ...]:
    """Return the steps with explicit counts wherever a status would show fewer people than an earlier step."""
    while decrease := next(shrinking(stages(steps, api.shows, people=held or None), held), None):
        number, most, _ = decrease
        steps[number] = replace(steps[number], results=most)
    return tuple(steps)


def _shown_counts(
    api: Api, row: Sequence[str], wanted: Sequence[int | None], count: int, held: int
) -> Iterator[int | None]:
    """Yield the number of people that each step shows, None where its status decides.

    The status decides before a status that shows nobody, because people must not vanish, and after one that shows
    everybody, because nobody is left to show.
    """
    least = held
    for number, status in enumerate(row):
        everybody = any(api.shows.get(other) == "all" for other in row[: number + 1])
        taken_back = any(api.shows.get(other) == "nobody" for other in row[number:])
        count_wanted = wanted[number] if number < len(wanted) else None
        if count_wanted is None or status == ABSENT or everybody or taken_back:
            yield None
        else:
            least = max(least, min(count_wanted, count))
            yield least
