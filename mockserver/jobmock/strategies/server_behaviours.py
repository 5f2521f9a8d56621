"""Whatever a server may do to a client that polls one job: the ordinary, the stuck, the unheard-of, the hostile."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..models import After, Fault, Scenario, Step
from . import vocabulary
from .arguments import api_named, within
from .failures import PATIENT, failure_sequences, rate_limit_storms
from .whole_scenarios import scenarios, shown_whole

_MOST_SIZE = 1_000
_OFTEN = 18
"""So many jobs come to an end for one that doesn't: such a one takes a client hundreds of polls."""


def behaviours(
    api: str, *, page_size: int = 25, max_steps: int = 3, max_seconds: int = 240, max_faults: int = 2,
    absent: bool = True, stuck: bool = True, unknown: bool = True, hostile: bool = True,
) -> SearchStrategy[Scenario]:  # fmt: skip
    """Return scenarios for a client that polls a job to its end; the simplest is a job that is over, and nothing fails.

    `page_size` is the client's own. With `absent` a job can't be found for a while, with `stuck` one never ends, with
    `unknown` one has a status that no document has, with `hostile` pages break the rules on purpose. Raises UsageError.
    """
    known = api_named(api)
    drawn = partial(
        scenarios, api, max_steps=max_steps, max_seconds=max_seconds, faults=_faults(api, max_faults), more=False,
        page_size=within("page_size", page_size, 1, _MOST_SIZE),
    )  # fmt: skip
    kinds = [drawn(absent=absent)]
    if unknown:
        kinds.append(st.builds(_unheard_of, drawn(ends=shown_whole(known)), st.integers(1, 2)))
    if hostile and vocabulary.has_pages(known):
        kinds.append(drawn(max_pages=3, hostile=True))
    row = [kinds[number % len(kinds)] for number in range(_OFTEN)]
    if stuck:
        row.append(drawn(ends=[status for status in vocabulary.statuses(known) if known.transitions.get(status)]))
    return st.sampled_from(range(len(row))).flatmap(row.__getitem__)


def _faults(api: str, most: int) -> SearchStrategy[tuple[Fault, ...]]:
    """Return failures of every kind, and, as often each, what clients meet most: 429s, and other calls for patience."""
    failures = failure_sequences(api, max_faults=most)
    known = api_named(api)
    patient = [name for name in vocabulary.refusals(known, "status") if known.errors[name][0] in PATIENT]
    asked = failure_sequences(api, max_faults=most, kinds=("respond",), whens=("request",), refusals=patient)
    return st.one_of(failures, rate_limit_storms(api, max_length=most), asked) if most else failures


def _unheard_of(scenario: Scenario, polls: int) -> Scenario:
    """Put a status that no document has right before the end, so that nothing that was told is taken back."""
    *earlier, last = scenario.progression
    step = Step(status=vocabulary.UNHEARD_OF, after=After(polls=polls), violates=frozenset({"schema"}))
    return replace(scenario, progression=(*earlier, step, last))
