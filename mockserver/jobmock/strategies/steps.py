"""Progressions: rows of steps that are legal by construction, and shrink towards one step that ends well."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..clock import SECOND
from ..dialect.api import Api
from ..engine.progression import ABSENT, shrinking, stages
from ..errors import UsageError
from ..models import After, Step
from .arguments import api_named, one, several, within
from .vocabulary import before, endings, fitting, run_shapes, statuses

MOST_STEPS, MOST_POLLS, MOST_SECONDS, MOST_RESULTS = 1_000, 1_000_000, 31_536_000, 100_000
"""The bounds of the scenario language."""
_CHOICES = 59
Row = tuple[int, After, int | None]
"""A step before the last: which of the statuses that fit, when it ends, how many people it shows."""


def progressions(
    api: str, *, max_steps: int = 4, max_polls: int = 3, max_seconds: int = 900, results: int = 3,
    ends: Collection[str] | None = None, absent: bool = False, run_shape: str | None = None,
) -> SearchStrategy[tuple[Step, ...]]:  # fmt: skip
    """Return legal progressions: statuses in their order, some skipped or repeated, and counters that never go back.

    Of `results` people some may show early. `ends` are the statuses of the last step, if absent the terminal ones; one
    that isn't terminal makes a job that is stuck. With `absent` the job can't be found in between. A job of this
    `run_shape` may have them all. Raises UsageError.
    """
    known = api_named(api)
    shape = run_shape and one("run_shape", run_shape, run_shapes(known))
    people = within("results", results, 0, MOST_RESULTS)
    last, earlier = parts(
        known, max_steps=max_steps, max_polls=max_polls, max_seconds=max_seconds, max_results=people, ends=ends
    )
    endable(known, ends, (shape,))
    return st.builds(lambda end, rows: laid(known, end, rows, people, absent=absent, run_shape=shape), last, earlier)


def endable(api: Api, ends: Collection[str] | None, shapes: Sequence[str | None]) -> None:
    """Raise UsageError for an end that no job of these run shapes may have."""
    allowed = [status for status in statuses(api) if any(status in fitting(api, api.kind(shape)) for shape in shapes)]
    several("ends", endings(api) if ends is None else ends, allowed)


def parts(
    api: Api, *, max_steps: int, max_polls: int, max_seconds: int, max_results: int, ends: Collection[str] | None
) -> tuple[SearchStrategy[str], SearchStrategy[list[Row]]]:
    """Return what `laid` puts together: the last status, and the rows before it. Raises UsageError."""
    allowed = (*endings(api), *(status for status in statuses(api) if status not in api.terminal))
    last = st.sampled_from(several("ends", endings(api) if ends is None else ends, allowed))
    most = within("max_steps", max_steps, 1, MOST_STEPS) - 1
    held = _afters(max_polls, max_seconds) if most else st.nothing()
    shown = st.none() | st.integers(0, max_results)
    return last, st.lists(st.tuples(st.integers(0, _CHOICES), held, shown), max_size=most)


def _afters(max_polls: int, max_seconds: int) -> SearchStrategy[After]:
    """Return ends of steps: by polls, then by whole seconds."""
    polls = within("max_polls", max_polls, 0, MOST_POLLS)
    seconds = within("max_seconds", max_seconds, 0, MOST_SECONDS)
    if not polls and not seconds:
        raise UsageError("A step ends after polls or seconds: 'max_polls' and 'max_seconds' can't both be 0.")
    by_polls = st.integers(1, polls).map(lambda number: After(polls=number)) if polls else st.nothing()
    by_time = st.integers(1, seconds).map(lambda number: After(time=number * SECOND)) if seconds else st.nothing()
    return by_polls | by_time


def laid(
    api: Api, end: str, rows: Sequence[Row], count: int, *, held: int = 0, absent: bool = False,
    run_shape: str | None = None,
) -> tuple[Step, ...]:  # fmt: skip
    """Lay out the steps that end with a status, chosen from the last to the first; `held` people are visible before."""
    row = [end]
    for choice, _, _ in reversed(rows):
        present = next((status for status in row if status != ABSENT), ABSENT)
        earlier = (*before(api, present, run_shape), *([ABSENT] if absent else ()))
        row.insert(0, earlier[choice % len(earlier)])
    shown = _shown(api, row, [wanted for _, _, wanted in rows], count, held)
    ended = [after for _, after, _ in rows]
    steps = [
        Step(status=status, after=after, results=visible)
        for status, after, visible in zip(row, [*ended, None], shown, strict=True)
    ]
    return _never_fewer(api, steps, held)


def _never_fewer(api: Api, steps: list[Step], held: int) -> tuple[Step, ...]:
    """Let each step whose status would show fewer people than one before show as many."""
    while fallen := next(shrinking(stages(steps, api.shows, held=held or None), held), None):
        number, most, _ = fallen
        steps[number] = replace(steps[number], results=most)
    return tuple(steps)


def _shown(
    api: Api, row: Sequence[str], wanted: Sequence[int | None], count: int, held: int
) -> Iterator[int | None]:
    """Yield how many people each step shows, None where its status decides.

    A status that shows nobody, later on, would take back whoever had been shown; one that shows everybody, earlier,
    can't be outdone.
    """
    least = held
    for number, status in enumerate(row):
        everybody = any(api.shows.get(other) == "all" for other in row[: number + 1])
        taken_back = any(api.shows.get(other) == "nobody" for other in row[number:])
        asked = wanted[number] if number < len(wanted) else None
        if asked is None or status == ABSENT or everybody or taken_back:
            yield None
        else:
            least = max(least, min(asked, count))
            yield least
