"""Whole scenarios: progression, people, faults and the choices of one API, put together so that they may be played."""

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
from .arguments import api_named, several
from .failures import failure_sequences
from .pages import Paging, pagination
from .steps import Row, endable, laid, parts

_MOST_SEED = 1_000
_MOST_SWITCHED = 2
_MOST_ADDED = 30


def scenarios(
    api: str, *, max_steps: int = 4, max_polls: int = 3, max_seconds: int = 900, ends: Collection[str] | None = None,
    absent: bool = False, page_size: int = 25, max_pages: int = 2, hostile: bool = False, max_faults: int = 3,
    faults: SearchStrategy[tuple[Fault, ...]] | None = None, run_shapes: Collection[str] | None = None,
    more: bool = True, switches: bool = True, limits: bool = True,
) -> SearchStrategy[Scenario]:  # fmt: skip
    """Return scenarios that compile without a warning; the simplest has one step, nobody, and no faults.

    Their people are as many as lie around the boundaries of pages of `page_size`. With `hostile`, pages break the rules
    on purpose, as `pagination` says, which needs an end that shows everybody. Faults are drawn from `faults`, if absent
    up to `max_faults` of status requests. If `run_shapes` is absent they are all, and none. Raises UsageError.
    """
    known = api_named(api)
    paging = _paging(known, hostile, page_size, max_pages)
    shapes = _shapes(known, run_shapes)
    endable(known, ends, shapes)
    last, rows = parts(
        known, max_steps=max_steps, max_polls=max_polls, max_seconds=max_seconds,
        max_results=page_size * max_pages + 1, ends=shown_whole(known, ends) if hostile else ends,
    )  # fmt: skip
    return st.builds(
        partial(_scenario, known, absent, shapes),
        end=last,
        rows=rows,
        paging=paging,
        seed=st.integers(1, _MOST_SEED),
        faults=failure_sequences(api, max_faults=max_faults) if faults is None else faults,
        run_shape=st.sampled_from(shapes),
        more=_continuations(known, max_polls, max_seconds) if more else st.none(),
        switches=switched_on(known) if switches else st.just({}),
        limits=_limits(known) if limits else st.just({}),
    )


def _scenario(
    api: Api, absent: bool, shapes: Sequence[str | None], *, end: str, rows: Sequence[Row], paging: Paging,
    more: tuple[int, Sequence[Row]] | None, seed: int, run_shape: str | None, **others: Any,
) -> Scenario:  # fmt: skip
    """Put the parts together; before a list that grows, no more people are shown than it begins with."""
    shape = next(shape for shape in (run_shape, *shapes) if end in vocabulary.fitting(api, api.kind(shape)))
    *earlier, ended = laid(
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
    return pagination(hostile=hostile, page_size=page_size, max_pages=max_pages)


def shown_whole(api: Api, ends: Collection[str] | None = None) -> tuple[str, ...]:
    """Return the ends that show everybody. Raises UsageError for any other."""
    allowed = [status for status in vocabulary.endings(api) if api.shows.get(status) == "all"]
    return several("ends", ends, allowed)


def _shapes(api: Api, wanted: Collection[str] | None) -> tuple[str | None, ...]:
    shapes = vocabulary.run_shapes(api)
    return (None, *shapes) if wanted is None else several("run_shapes", wanted, shapes)


def _continuations(api: Api, max_polls: int, max_seconds: int) -> SearchStrategy[tuple[int, Sequence[Row]] | None]:
    """Return how many people a continuation may add, and rows of how the reopened job goes on."""
    if not vocabulary.says(api, "more"):
        return st.none()
    _, rows = parts(
        api, max_steps=3, max_polls=max_polls, max_seconds=max_seconds, max_results=_MOST_ADDED, ends=None
    )  # fmt: skip
    return st.none() | st.tuples(st.integers(1, _MOST_ADDED), rows)


def _more(api: Api, end: str, drawn: tuple[int, Sequence[Row]], held: int) -> More | None:
    """Let a job that showed everybody be continued; without rows it goes on as the API's jobs do."""
    if api.shows.get(end) != "all" or end not in api.terminal:
        return None
    added, rows = drawn
    progression: tuple[Step, ...] = laid(api, end, rows, held + added, held=held) if rows else ()
    return More(count=added, progression=progression)


def switched_on(api: Api) -> SearchStrategy[Mapping[str, Any]]:
    """Return choices of up to two switches that aren't the default."""
    every = vocabulary.switched(api)
    return st.lists(st.sampled_from(every), max_size=_MOST_SWITCHED).map(dict) if every else st.just({})


def _limits(api: Api) -> SearchStrategy[Mapping[str, Limit | None]]:
    """Return tighter limits than the documented ones, or none, for at most one operation."""
    limit = st.builds(
        lambda requests, seconds, burst: Limit(requests=requests, period=seconds * SECOND, burst=burst),
        st.integers(1, 20), st.integers(1, 60), st.none() | st.integers(1, 20),
    )  # fmt: skip
    one = st.tuples(st.sampled_from(vocabulary.operations(api)), st.none() | limit)
    return st.lists(one, max_size=1).map(dict)
