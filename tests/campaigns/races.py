"""Races of virtual time: timeouts against results at the same moment, and the ends and joins of threads."""

from __future__ import annotations

from tests.campaigns.reporting import Report, scaled
from tests.virtual.matrix.command import run_command

TIMES, LONGEST = 200, 3600.0


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, times = Report("races"), scaled(TIMES, fraction)
    found = run_command("races", "--times", times, seconds=LONGEST)
    for lost in found["lost"]:
        report.fail(lost["race"], lost["wrong"])
    return report.end(f"{len(found['races'])} races, {times} times each")
