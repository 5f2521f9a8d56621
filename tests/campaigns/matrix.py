"""Every way to wait and to read a clock, in every place: in virtual time exact, refused in words, or real by right."""

from __future__ import annotations

from collections import Counter

from tests.campaigns.reporting import Report
from tests.virtual.matrix.calling import called, wrong

LONGEST = 3600.0


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("matrix")
    found = called("run", "--fraction", fraction, "--seed", seed, seconds=LONGEST)
    for line in wrong(found["cells"]):
        report.fail(line.partition(":")[0], line)
    verdicts = Counter(cell["verdict"] for cell in found["cells"])
    constructs = {cell["construct"] for cell in found["cells"]}
    said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    return report.end(f"{len(constructs)} constructs in {len(found['cells'])} cells: {said}")
