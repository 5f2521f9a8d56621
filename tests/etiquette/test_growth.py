"""The time of a verdict is in proportion to the number of exchanges, for clients of every kind."""

from __future__ import annotations

from functools import partial

import pytest
from tests.checking.readers.hostile_inputs import steps
from tests.etiquette.kinds import CLIENTS, journal_of

from jobmock import apis
from jobmock.etiquette import ReturnedValue, judge

SMALL, LARGE = 60, 240


@pytest.mark.parametrize("name", CLIENTS)
def test_steps(name: str) -> None:
    """Four times the exchanges take about four times the steps; sixteen times would be a square."""
    api, value = apis.load("clado"), ReturnedValue(count=3)
    counts = []
    for count in (LARGE, SMALL, LARGE):  # the first time fills caches
        entries = journal_of(name, count)
        counts.append(steps(partial(judge, entries, api, outcome="returned", returned=value)))
    assert counts[2] <= 4.8 * counts[1] + 2_000
