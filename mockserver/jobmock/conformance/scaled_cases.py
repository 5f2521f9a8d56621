"""Cases for a client that lives in real time, beside a mock whose clock runs faster."""

from __future__ import annotations

from dataclasses import replace

from ..catalogue import compile_scenario
from ..models import Fault
from .cases import Case

LONGEST_RETRY_AFTER = 7
"""A Retry-After has at most so many seconds in scaled time, because the client waits for them in real time.

It is longer than the interval between two polls by the mock's clock. So a client that ignores it is found.
"""


def scaled_case(case: Case) -> Case:
    """Return a case as it is played in scaled time."""
    scenario = case.plan.scenario
    faults = tuple(map(_with_short_wait, scenario.faults))
    if faults == scenario.faults:
        return case
    return replace(case, plan=compile_scenario(replace(scenario, faults=faults)))


def why_not_in_scaled_time(case: Case) -> str | None:
    """Return why a case can't be played in scaled time, in a sentence; None if it can."""
    faults = case.plan.scenario.faults
    if any(fault.retry_after is not None and fault.retry_after.as_date for fault in faults):
        return "A Retry-After that is a date means nothing to a client whose clock isn't the mock's."
    return None


def _with_short_wait(fault: Fault) -> Fault:
    wait = fault.retry_after
    if wait is None or wait.seconds is None or wait.seconds <= LONGEST_RETRY_AFTER:
        return fault
    return replace(fault, retry_after=replace(wait, seconds=LONGEST_RETRY_AFTER))
