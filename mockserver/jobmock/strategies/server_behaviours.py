"""The strategy `behaviours`: everything that a server may do to a client that polls one job."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..models import After, Fault, Scenario, Step
from . import vocabulary
from .arguments import bounded_int, load_api
from .failures import RETRY_AFTER_STATUSES, failure_sequences, rate_limit_storms
from .whole_scenarios import ends_with_everybody, scenarios

_MAX_PAGE_SIZE = 1_000
_ENDING_SHARE = 18
"""How many jobs end for each job that never does: a job without an end costs a client hundreds of polls."""


def behaviours(
    api: str, *, page_size: int = 25, max_steps: int = 3, max_seconds: int = 240, max_faults: int = 2,
    absent: bool = True, stuck: bool = True, unknown: bool = True, hostile: bool = True,
) -> SearchStrategy[Scenario]:  # fmt: skip
    """Return scenarios for a client that polls a job to its end; the simplest is a finished job without failures.

    `page_size` is the client's own page size. The flags add jobs that can't be found for a while (`absent`), that never
    end (`stuck`), that have an undocumented status (`unknown`), or whose pages break the rules (`hostile`). Raises
    UsageError.
    """
    known = load_api(api)
    drawn = partial(
        scenarios, api, max_steps=max_steps, max_seconds=max_seconds, faults=_faults(api, max_faults), more=False,
        page_size=bounded_int("page_size", page_size, 1, _MAX_PAGE_SIZE),
    )  # fmt: skip
    kinds = [drawn(absent=absent)]
    if unknown:
        kinds.append(st.builds(_with_unknown_status, drawn(ends=ends_with_everybody(known)), st.integers(1, 2)))
    if hostile and vocabulary.has_pages(known):
        kinds.append(drawn(max_pages=3, hostile=True))
    row = [kinds[number % len(kinds)] for number in range(_ENDING_SHARE)]
    if stuck:
        row.append(drawn(ends=[status for status in vocabulary.statuses(known) if known.transitions.get(status)]))
    return st.sampled_from(range(len(row))).flatmap(row.__getitem__)


def _faults(api: str, most: int) -> SearchStrategy[tuple[Fault, ...]]:
    """Return failures: a third of every kind, a third 429s, a third other refusals that allow Retry-After."""
    failures = failure_sequences(api, max_faults=most)
    known = load_api(api)
    names = vocabulary.error_names(known, "status")
    patient = [name for name in names if known.errors[name][0] in RETRY_AFTER_STATUSES]
    refusals = failure_sequences(api, max_faults=most, kinds=("respond",), whens=("request",), refusals=patient)
    return st.one_of(failures, rate_limit_storms(api, max_length=most), refusals) if most else failures


def _with_unknown_status(scenario: Scenario, polls: int) -> Scenario:
    """Return the scenario with an undocumented status right before its end, where no shown people can vanish."""
    *earlier, last = scenario.progression
    step = Step(status=vocabulary.UNKNOWN_STATUS, after=After(polls=polls), violates=frozenset({"schema"}))
    return replace(scenario, progression=(*earlier, step, last))
