"""`--against COMMIT`: is the working tree as fast as the commit was? Rounds in turns, until the answer is certain.

Both trees are installed (`trees`), and a round starts both anew: in it they take turns, A B B A …, a figure at a time,
so that two costs are compared that were taken side by side. The round's ratio is the middle one of its pairs: before by
now, which is the speed, above 1 where it is faster. What is told is the median over the rounds, with the sign test's
interval (`intervals`): of processes and not of turns, for two processes of one program differ too.

A speed is kept where its whole interval is at the limit or above, fallen where the whole interval is below. While it is
neither, rounds are added; where the time is up, it is undecided. That is no pass.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.benchmarks import trees
from tests.benchmarks.intervals import FALLEN, KEPT, UNDECIDED, Interval, error_of, interval, verdict
from tests.benchmarks.sides import SIDES, Cost, Side

CODES = {KEPT: 0, FALLEN: 1, UNDECIDED: 3}
"""What the command ends with."""
Trees = tuple[trees.Tree, trees.Tree]


class Row(NamedTuple):
    """One figure's answer, after so many rounds."""

    figure: str
    speed: Interval
    rounds: int
    limit: float

    @property
    def verdict(self) -> str:
        return verdict(self.speed, self.limit)


class Asked(NamedTuple):
    """What a comparison is asked for: another limit than the benchmark's own, minutes, a part of the figures."""

    limit: float | None = None
    minutes: float = 10.0
    only: str = ""


def run(names: Sequence[str], commit: str, asked: Asked) -> int:
    """Compare the trees in each benchmark, and print every figure; return what the command ends with."""
    told: list[Row] = []
    commit = trees.commit_of(commit)
    with tempfile.TemporaryDirectory(prefix="jobmock-against-") as name:
        both = trees.both(commit, Path(name))
        for benchmark in names:
            print(f"== {benchmark} against {commit[:12]}: speed, median of rounds (its 95 % interval)", flush=True)
            rows = decided(SIDES[benchmark], both, asked)
            for row in rows:
                print(f"{row.figure:<24} {row.speed}, {row.rounds} rounds, limit {row.limit:.2f}: {row.verdict}")
            told += rows
    print(f"In all: {overall(told)}")
    return CODES[overall(told)]


def overall(rows: Sequence[Row]) -> str:
    """Return the verdict on all: fallen where one is, kept where every one is."""
    found = {row.verdict for row in rows}
    return FALLEN if FALLEN in found else UNDECIDED if UNDECIDED in found or not found else KEPT


def decided(side: Side, both: Trees, asked: Asked) -> list[Row]:
    """Add rounds until each figure is decided, or the time is up; one that is decided isn't measured any longer."""
    until = monotonic() + asked.minutes * 60
    ratios: dict[str, list[float]] = {figure: [] for figure in side.figures if asked.only in figure}
    rows: dict[str, Row] = {}
    for look, wanted in enumerate(_looks(), 1):
        left = [figure for figure in ratios if figure not in rows or rows[figure].verdict == UNDECIDED]
        while (done := len(ratios[left[0]])) < wanted and (not done or monotonic() < until):
            for figure, ratio in _round(side, both, left, done).items():
                ratios[figure].append(ratio)
        for figure in left:
            speed = interval(ratios[figure], error_of(look))
            rows[figure] = Row(figure, speed, len(ratios[figure]), asked.limit or side.limit)
        open_ones = [figure for figure in left if rows[figure].verdict == UNDECIDED]
        print(f"after {done} rounds undecided: {', '.join(open_ones) or 'none'}", file=sys.stderr, flush=True)
        if not open_ones or monotonic() >= until:
            break
    return [rows[figure] for figure in ratios]


def _looks() -> Iterator[int]:
    """After how many rounds the intervals are looked at: seldom, for each look makes them wider."""
    rounds = 8.0
    while True:
        yield round(rounds)
        rounds *= 1.5


def _round(side: Side, both: Trees, figures: list[str], number: int) -> dict[str, float]:
    """Start both trees, in turns the one and the other first, and let them take turns in each figure."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        costs: dict[str, Cost] = {}
        for tree in reversed(both) if number % 2 else both:
            folder = Path(name) / tree.name
            folder.mkdir()
            costs[tree.name] = stack.enter_context(side.opened(tree, folder))
        old, new = (costs[tree.name] for tree in both)
        return {figure: _ratio(side, old, new, figure) for figure in figures}


def _ratio(side: Side, old: Cost, new: Cost, figure: str) -> float:
    """Return the middle one of the ratios of neighbours, each above the middle cost of what it is counted above."""
    above = side.above if side.above != figure else None
    taken: dict[Cost, list[float]] = {old: [], new: []}
    bases: dict[Cost, list[float]] = {old: [], new: []}
    for turn in range(side.turns + 1):
        for cost in (old, new) if turn % 2 else (new, old):
            base = cost(above) if above else 0.0
            one = cost(figure)
            if turn:  # the first one warms up
                bases[cost].append(base)
                taken[cost].append(one)
    before, now = ([one - statistics.median(bases[cost]) for one in taken[cost]] for cost in (old, new))
    return statistics.median(_speed(*pair) for pair in zip(before, now, strict=True))


def _speed(before: float, now: float) -> float:
    """Return before by now; a cost that is lost in the noise is as good as none."""
    return before / now if before > 0 < now else 0.0 if now > 0 else float("inf")
