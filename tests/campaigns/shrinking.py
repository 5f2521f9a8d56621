"""A scenario that needs three things shrinks to these, under many seeds, with the settings that everybody has."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, find, settings
from tests.campaigns.reporting import Report, bar, share

from jobmock import apis
from jobmock.models import After, Fault, Results, Scenario, When
from jobmock.strategies import scenarios

SEEDS = 50
_MORE_AT_MOST = 0.3
"""A search may stop where taking away any one thing leads nowhere."""
_USUAL = settings(database=None, deadline=None, max_examples=3_000, suppress_health_check=list(HealthCheck))


def needed(drawn: Scenario) -> bool:
    """Say whether a scenario has a hanging request, people and a step before the end."""
    return any(fault.hang for fault in drawn.faults) and len(drawn.progression) > 1 and drawn.results.count > 0


def is_least(drawn: Scenario) -> bool:
    """Say whether it has one of each, the simplest, and nothing else."""
    return (
        drawn.faults == (Fault(when=When(requests=(1, 1)), hang=True),)
        and [step.after for step in drawn.progression] == [After(polls=1), None]
        and drawn.results == Results(count=1, seed=1)
    )


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, searches = Report("shrinking"), share(SEEDS, fraction)
    for api in bar(apis.names(), "APIs"):
        every = scenarios(api, more=False, switches=False, limits=False)
        found = [find(every, needed, settings=_USUAL, random=Random(seed + number)) for number in range(searches)]
        larger = [drawn for drawn in found if not is_least(drawn)]
        report.check(len(larger) <= _MORE_AT_MOST * searches, "not the least", f"{api}: {len(larger)} of {searches}")
    return report.end(f"{searches} searches of each API")
