"""Pairs of a wrong and a correct client, one line apart, on every clock: each bug is found by its own rule alone.

On a clock on which a bug can't be known, nothing else is found, and the rule is named as not judged if the bug shows.
The correct clients are found right everywhere.
"""

from __future__ import annotations

from random import Random

from tests.campaigns.clients.clocks import ALL, TOO_FAST
from tests.campaigns.clients.wrong import PAIRS, complaints, must_be_found
from tests.campaigns.reporting import Report, progress_bar, scaled


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("wrong-clients")
    rows = [(pair, kind) for pair in PAIRS for kind in (*ALL, *TOO_FAST)]
    Random(seed).shuffle(rows)
    rows = rows[: scaled(len(rows), fraction, 10)]
    for pair, kind in progress_bar(rows, "Clients", len(rows)):
        for said in complaints(pair, kind):
            report.fail(f"{pair} on {kind}: {said}")
    known = sum(must_be_found(pair, kind) for pair, kind in rows)
    return report.end(f"{len(PAIRS)} pairs, {len(rows)} runs of a pair on a clock, {known} where the bug can be known")
