"""A scenario that must have three properties shrinks to just those, with many seeds and default settings."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, find, settings
from tests.campaigns.reporting import Report, progress_bar, scaled

from jobmock import apis
from jobmock.models import After, Fault, Results, Scenario, When
from jobmock.strategies import scenarios

SEEDS = 50
_MAX_LARGER = 0.3
"""The share of searches that may stop early: where no single removal leads to a smaller scenario."""
_SETTINGS = settings(database=None, deadline=None, max_examples=3_000, suppress_health_check=list(HealthCheck))


def has_all_three(drawn: Scenario) -> bool:
    """Say whether a scenario has a hanging request, people and a step before the end."""
    return any(fault.hang for fault in drawn.faults) and len(drawn.progression) > 1 and drawn.results.count > 0


def is_least(drawn: Scenario) -> bool:
    """Say whether a scenario has the simplest of each, and nothing else."""
    return (
        drawn.faults == (Fault(when=When(requests=(1, 1)), hang=True),)
        and [step.after for step in drawn.progression] == [After(polls=1), None]
        and drawn.results == Results(count=1, seed=1)
    )


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, searches = Report("shrinking"), scaled(SEEDS, fraction)
    for api in progress_bar(apis.names(), "APIs"):
        every = scenarios(api, more=False, switches=False, limits=False)
        seeds = range(seed, seed + searches)
        found = [find(every, has_all_three, settings=_SETTINGS, random=Random(number)) for number in seeds]
        larger = [drawn for drawn in found if not is_least(drawn)]
        report.check(len(larger) <= _MAX_LARGER * searches, "not the least", f"{api}: {len(larger)} of {searches}")
    return report.end(f"{searches} searches of each API")
