"""Races of virtual time: timeouts and what is ready at their very moment, threads' ends and joins."""

from __future__ import annotations

from tests.campaigns.reporting import Report, share
from tests.virtual.matrix.calling import called

TIMES, LONGEST = 200, 3600.0


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, times = Report("races"), share(TIMES, fraction)
    found = called("races", "--times", times, seconds=LONGEST)
    for lost in found["lost"]:
        report.fail(lost["race"], lost["wrong"])
    return report.end(f"{len(found['races'])} races, {times} times each")
