"""`--against COMMIT`: compare the speed of the working tree with that of a commit, until the verdict is certain.

Both trees are installed (`trees`). Each round starts new processes of both, which take turns, A B B A …, one figure at
a time, so that costs are compared that were measured at the same time. The speed of a round is the median ratio of its
pairs, the cost before divided by the cost now: above 1 the working tree is faster. The result is the median of all
rounds, with the interval of the sign test (`intervals`). Rounds count and not turns, because two processes of the same
program differ too.

A speed is kept if its whole interval is at or above the limit, and has fallen if its whole interval is below. Otherwise
rounds are added until the time is up; then it is undecided, which is no pass.
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
from tests.benchmarks.comparisons import COMPARISONS, Comparison, Cost
from tests.benchmarks.intervals import FALLEN, KEPT, UNDECIDED, Interval, error_of, interval, verdict
from tests.benchmarks.more_apis import with_more_apis

EXIT_CODES = {KEPT: 0, FALLEN: 1, UNDECIDED: 3}
Trees = tuple[trees.Tree, trees.Tree]


class Row(NamedTuple):
    """The speed of one figure after so many rounds, and its limit."""

    figure: str
    speed: Interval
    rounds: int
    limit: float

    @property
    def verdict(self) -> str:
        return verdict(self.speed, self.limit)


class ComparisonOptions(NamedTuple):
    """The options of a comparison: a limit instead of the benchmark's, minutes, and a text that figures have."""

    limit: float | None = None
    minutes: float = 10.0
    only: str = ""


def run(names: Sequence[str], commit: str, options: ComparisonOptions) -> int:
    """Compare the working tree with a commit in each benchmark, and print every figure; return the exit code."""
    commit = trees.commit_of(commit)
    with tempfile.TemporaryDirectory(prefix="jobmock-against-") as name:
        return _compare(names, trees.install_both(commit, Path(name)), f"against {commit[:12]}", options)


def run_with_more_apis(names: Sequence[str], count: int, options: ComparisonOptions) -> int:
    """Compare the working tree with itself, when so many more APIs are installed; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="jobmock-more-apis-") as name:
        alone = trees.install_working_tree(Path(name))
        apis = Path(name) / "apis"
        both = alone._replace(name="before"), with_more_apis(alone, count, apis)
        return _compare(names, both, f"with {count} more APIs", options)


def _compare(names: Sequence[str], both: Trees, how: str, options: ComparisonOptions) -> int:
    all_rows: list[Row] = []
    for benchmark in names:
        print(f"== {benchmark} {how}: speed, median of rounds (its 95 % interval)", flush=True)
        rows = compare_until_decided(COMPARISONS[benchmark], both, options)
        for row in rows:
            print(f"{row.figure:<24} {row.speed}, {row.rounds} rounds, limit {row.limit:.2f}: {row.verdict}")
        all_rows += rows
    print(f"In all: {overall(all_rows)}")
    return EXIT_CODES[overall(all_rows)]


def overall(rows: Sequence[Row]) -> str:
    """Return the verdict on all rows: fallen if one has fallen, kept if every one is kept."""
    found = {row.verdict for row in rows}
    return FALLEN if FALLEN in found else UNDECIDED if UNDECIDED in found or not found else KEPT


def compare_until_decided(comparison: Comparison, both: Trees, options: ComparisonOptions) -> list[Row]:
    """Add rounds until each figure is decided or the time is up; a decided figure isn't measured any longer."""
    until = monotonic() + options.minutes * 60
    ratios: dict[str, list[float]] = {figure: [] for figure in comparison.figures if options.only in figure}
    rows: dict[str, Row] = {}
    for look, wanted in enumerate(_round_counts(), 1):
        left = [figure for figure in ratios if figure not in rows or rows[figure].verdict == UNDECIDED]
        while (done := len(ratios[left[0]])) < wanted and (not done or monotonic() < until):
            for figure, ratio in _round(comparison, both, left, done).items():
                ratios[figure].append(ratio)
        for figure in left:
            speed = interval(ratios[figure], error_of(look))
            rows[figure] = Row(figure, speed, len(ratios[figure]), options.limit or comparison.limit)
        open_ones = [figure for figure in left if rows[figure].verdict == UNDECIDED]
        print(f"after {done} rounds undecided: {', '.join(open_ones) or 'none'}", file=sys.stderr, flush=True)
        if not open_ones or monotonic() >= until:
            break
    return [rows[figure] for figure in ratios]


def _round_counts() -> Iterator[int]:
    """Yield after how many rounds the intervals are computed: seldom, because each look makes them wider."""
    rounds = 8.0
    while True:
        yield round(rounds)
        rounds *= 1.5


def _round(comparison: Comparison, both: Trees, figures: list[str], number: int) -> dict[str, float]:
    """Start both trees, the one or the other first in turns, and return the speed of each figure."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        costs: dict[str, Cost] = {}
        for tree in reversed(both) if number % 2 else both:
            folder = Path(name) / tree.name
            folder.mkdir()
            costs[tree.name] = stack.enter_context(comparison.open_tree(tree, folder))
        old, new = (costs[tree.name] for tree in both)
        return {figure: _ratio(comparison, old, new, figure) for figure in figures}


def _ratio(comparison: Comparison, old: Cost, new: Cost, figure: str) -> float:
    """Return the median ratio of the pairs; the median cost of the baseline, if there is one, is subtracted first."""
    baseline = comparison.baseline if comparison.baseline != figure else None
    taken: dict[Cost, list[float]] = {old: [], new: []}
    bases: dict[Cost, list[float]] = {old: [], new: []}
    for turn in range(comparison.turns + 1):
        for cost in (old, new) if turn % 2 else (new, old):
            base = cost(baseline) if baseline else 0.0
            one = cost(figure)
            if turn:  # the first one warms up
                bases[cost].append(base)
                taken[cost].append(one)
    before, now = ([one - statistics.median(bases[cost]) for one in taken[cost]] for cost in (old, new))
    return statistics.median(_speed(*pair) for pair in zip(before, now, strict=True))


def _speed(before: float, now: float) -> float:
    """Return the cost before divided by the cost now; a cost that is lost in the noise counts as none."""
    return before / now if before > 0 < now else 0.0 if now > 0 else float("inf")
