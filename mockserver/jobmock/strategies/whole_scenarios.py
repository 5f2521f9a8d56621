"""The strategy `scenarios`: complete scenarios of progression, people, faults and the settings of one API."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..clock import SECOND
from ..dialect.api import Api
from ..errors import UsageError
from ..models import Fault, Limit, More, Results, Scenario, Step
from . import vocabulary
from .arguments import allowed_names, bounded_int, load_api, strategy
from .failures import failure_sequences
from .pages import MAX_PAGE_SIZE, Paging, pagination
from .steps import StepChoice, build_steps, check_ends, step_strategies

_MAX_SEED = 1_000
_MAX_SWITCHES = 2
_MAX_ADDED = 30


def scenarios(
    api: str, *, max_steps: int = 4, max_polls: int = 3, max_seconds: int = 900, ends: Collection[str] | None = None,
    absent: bool = False, page_size: int = 25, max_pages: int = 2, hostile: bool = False, max_faults: int = 3,
    faults: SearchStrategy[tuple[Fault, ...]] | None = None, run_shapes: Collection[str] | None = None,
    more: bool = True, switches: bool = True, limits: bool = True,
) -> SearchStrategy[Scenario]:  # fmt: skip
    """Return scenarios that compile without a warning; the simplest has one step, no people and no faults.

    The numbers of people lie around the boundaries of pages of `page_size`. With `hostile`, pages break the rules (see
    `pagination`), which needs an end that shows everybody. `faults` is a strategy, by default up to `max_faults` faults
    of status requests. `run_shapes` are by default all of the API's, and none. Raises UsageError.
    """
    known = load_api(api)
    paging = _paging(known, hostile, page_size, max_pages)
    if faults is not None:
        strategy("faults", faults, "faults")
    shapes = _allowed_run_shapes(known, run_shapes)
    check_ends(known, ends, shapes)
    last, rows = step_strategies(
        known, max_steps=max_steps, max_polls=max_polls, max_seconds=max_seconds,
        max_results=page_size * max_pages + 1, ends=ends_with_everybody(known, ends) if hostile else ends,
    )  # fmt: skip
    return st.builds(
        partial(_build_scenario, known, absent, shapes),
        end=last,
        rows=rows,
        paging=paging,
        seed=st.integers(1, _MAX_SEED),
        faults=failure_sequences(api, max_faults=max_faults) if faults is None else faults,
        run_shape=st.sampled_from(shapes),
        more=_continuations(known, max_polls, max_seconds) if more else st.none(),
        switches=switch_choices(known) if switches else st.just({}),
        limits=_limits(known) if limits else st.just({}),
    )


def _build_scenario(
    api: Api, absent: bool, shapes: Sequence[str | None], *, end: str, rows: Sequence[StepChoice], paging: Paging,
    more: tuple[int, Sequence[StepChoice]] | None, seed: int, run_shape: str | None, **others: Any,
) -> Scenario:  # fmt: skip
    """Return the scenario of these parts; before a growing list, no step shows more people than its beginning."""
    shape = next(shape for shape in (run_shape, *shapes) if end in vocabulary.statuses_of_kind(api, api.kind(shape)))
    *earlier, ended = build_steps(
        api, end, rows, min((paging.count, *paging.growing)), absent=absent, run_shape=shape
    )  # fmt: skip
    ending = paging.steps(end) if paging.pages or paging.growing else (ended,)
    return Scenario(
        name=f"{api.name}/drawn",
        api=api.name,
        summary="",
        progression=(*earlier, *ending),
        results=Results(count=paging.count, seed=seed),
        run_shape=shape,
        more=_more(api, end, more, paging.count) if more else None,
        **others,
    )


def _paging(api: Api, hostile: bool, page_size: int, max_pages: int) -> SearchStrategy[Paging]:
    if hostile and not vocabulary.has_pages(api):
        raise UsageError(f"The answers of {api.name!r} have no pages: 'hostile' has no meaning there.")
    fixed = bounded_int("page_size", page_size, 1, MAX_PAGE_SIZE)
    return pagination(hostile=hostile, page_size=fixed, max_pages=max_pages)


def ends_with_everybody(api: Api, ends: Collection[str] | None = None) -> tuple[str, ...]:
    """Return the wanted terminal statuses that show everybody, by default all. Raises UsageError for any other."""
    allowed = [status for status in vocabulary.terminal_statuses(api) if api.shows.get(status) == "all"]
    return allowed_names("ends", ends, allowed)


def _allowed_run_shapes(api: Api, wanted: Collection[str] | None) -> tuple[str | None, ...]:
    shapes = vocabulary.run_shapes(api)
    return (None, *shapes) if wanted is None else allowed_names("run_shapes", wanted, shapes)


def _continuations(
    api: Api, max_polls: int, max_seconds: int
) -> SearchStrategy[tuple[int, Sequence[StepChoice]] | None]:
    """Return continuations: the number of people that are added, and the steps of the reopened job."""
    if not vocabulary.has_scenario_key(api, "more"):
        return st.none()
    _, rows = step_strategies(
        api, max_steps=3, max_polls=max_polls, max_seconds=max_seconds, max_results=_MAX_ADDED, ends=None
    )  # fmt: skip
    return st.none() | st.tuples(st.integers(1, _MAX_ADDED), rows)


def _more(api: Api, end: str, drawn: tuple[int, Sequence[StepChoice]], held: int) -> More | None:
    """Return the continuation of a job that showed everybody; without steps, the API's usual ones are played."""
    if api.shows.get(end) != "all" or end not in api.terminal:
        return None
    added, rows = drawn
    progression: tuple[Step, ...] = build_steps(api, end, rows, held + added, held=held) if rows else ()
    return More(count=added, progression=progression)


def switch_choices(api: Api) -> SearchStrategy[Mapping[str, Any]]:
    """Return up to two switches with values other than the default."""
    every = vocabulary.switch_values(api)
    return st.lists(st.sampled_from(every), max_size=_MAX_SWITCHES).map(dict) if every else st.just({})


def _limits(api: Api) -> SearchStrategy[Mapping[str, Limit | None]]:
    """Return a tighter limit, or no limit at all, for at most one operation."""
    limit = st.builds(
        lambda requests, seconds, burst: Limit(requests=requests, period=seconds * SECOND, burst=burst),
        st.integers(1, 20), st.integers(1, 60), st.none() | st.integers(1, 20),
    )  # fmt: skip
    one = st.tuples(st.sampled_from(vocabulary.operation_names(api)), st.none() | limit)
    return st.lists(one, max_size=1).map(dict)
