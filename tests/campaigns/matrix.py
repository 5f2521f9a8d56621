"""Every way to wait and to read a clock, in every place: exact in virtual time, refused with an error, or real."""

from __future__ import annotations

from collections import Counter

from tests.campaigns.reporting import Report
from tests.virtual.matrix.command import run_command, wrong_cells

LONGEST = 3600.0


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("matrix")
    found = run_command("run", "--fraction", fraction, "--seed", seed, seconds=LONGEST)
    for line in wrong_cells(found["cells"]):
        report.fail(line.partition(":")[0], line)
    verdicts = Counter(cell["verdict"] for cell in found["cells"])
    constructs = {cell["construct"] for cell in found["cells"]}
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    return report.end(f"{len(constructs)} constructs in {len(found['cells'])} cells: {counts}")
