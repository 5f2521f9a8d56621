"""The time of a verdict for each exchange, with 1,000 and 10,000 of them, for clients of every kind."""

from __future__ import annotations

import time
from statistics import median

from tests.etiquette.kinds import CLIENTS, journal_of

from jobmock import apis
from jobmock.etiquette import judge

_COUNTS, _ROUNDS = (1_000, 10_000), 3
MOST_GROWTH = 3.0
"""The most time for each of many exchanges, as a multiple of that for each of few: a square would be 10."""


def run() -> dict[str, float]:
    """Print and return the microseconds for each exchange. Raises SystemExit if they grow."""
    figures: dict[str, float] = {}
    grown = []
    for kind in CLIENTS:
        few, many = (_microseconds(kind, count) for count in _COUNTS)
        print(f"{kind:26} {few:6.1f} µs for each of {_COUNTS[0]:,}, {many:6.1f} µs for each of {_COUNTS[1]:,}")
        figures[f"µs for each exchange, {kind}"] = round(many, 1)
        if many > MOST_GROWTH * few:
            grown.append(kind)
    if grown:
        raise SystemExit(f"The time for each exchange grows with their number: {', '.join(grown)}.")
    return figures


def _microseconds(kind: str, count: int) -> float:
    """Return the processor time of a verdict for each exchange."""
    entries, api, spent = journal_of(kind, count), apis.load("clado"), []
    for _ in range(_ROUNDS):
        began = time.process_time()
        judge(entries, api, outcome="raised", time="scaled")
        spent.append(time.process_time() - began)
    return median(spent) / count * 1_000_000
