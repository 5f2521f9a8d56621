"""`--against`: the comparison of two trees, its statistics and its verdicts."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from math import inf
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.benchmarks import against, comparisons, intervals, remote_pytest, trees
from tests.benchmarks.__main__ import main
from tests.benchmarks.against import ComparisonOptions
from tests.benchmarks.comparisons import Comparison, Cost
from tests.benchmarks.intervals import FALLEN, KEPT, UNDECIDED, Interval
from tests.benchmarks.more_apis import with_more_apis
from tests.benchmarks.processes import Elapsed

TREES = trees.Tree("before", "python", {}), trees.Tree("now", "python", {})


class FakeBenchmark:
    """A fake benchmark with given costs; it records which figure of which tree was measured."""

    def __init__(self, **costs: Any) -> None:
        self.costs, self.calls, self.opened = costs, list[tuple[str, str]](), list[str]()

    @contextmanager
    def open(self, tree: trees.Tree, folder: Path) -> Iterator[Cost]:
        self.opened.append(tree.name)

        def cost(figure: str) -> float:
            self.calls.append((tree.name, figure))
            found = self.costs[figure][tree.name == "now"]
            return float(found() if callable(found) else found)

        yield cost

    def comparison(self, turns: int = 4, baseline: str | None = None, limit: float = 0.97) -> Comparison:
        return Comparison(tuple(self.costs), self.open, turns, baseline, limit)


@pytest.mark.parametrize(
    ("size", "error", "cut"),
    [(5, 0.05, None), (6, 0.05, 1), (8, 0.05, 1), (9, 0.05, 2), (15, 0.05, 4), (8, 0.001, None)],
)
def test_the_interval_of_the_sign_test(size: int, error: float, cut: int | None) -> None:
    """The bounds are the values that tables of the sign test name; too few values have no bounds."""
    found = intervals.interval([float(value) for value in range(size, 0, -1)], error)
    assert found[1:] == ((0, inf) if cut is None else (cut, size + 1 - cut))


def test_how_often_the_interval_contains_the_median() -> None:
    """Of 1,000 samples of a skewed distribution, at least 95 % have the true median in their interval."""
    rng = random.Random(1)
    samples = [[rng.expovariate(0.6931471805599453) for _ in range(12)] for _ in range(1_000)]
    assert sum(found.low <= 1 <= found.high for found in map(intervals.interval, samples)) >= 950


def test_the_errors_of_all_looks() -> None:
    """The errors of all looks at an interval together stay below 5 %."""
    assert 0.049 < sum(map(intervals.error_of, range(1, 10_000))) < 0.05


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.97, 1.2, KEPT), (1.0, 1.1, KEPT), (0.5, 0.96, FALLEN), (0.96, 0.98, UNDECIDED), (0.5, 0.97, UNDECIDED)],
)
def test_verdict(low: float, high: float, expected: str) -> None:
    """An interval on one side of the limit decides; one that contains the limit doesn't."""
    assert intervals.verdict(Interval(0.97, low, high), 0.97) == expected


def test_waits_for_a_processor_do_not_count() -> None:
    """Waits for a processor are subtracted from wall time, but the result is never below processor time."""
    assert Elapsed(10, 4, 5).own == 5 and Elapsed(10, 4).own == 10 and Elapsed(10, 4, 9).own == 4


@pytest.mark.parametrize(("now", "expected"), [(100, KEPT), (50, KEPT), (102, KEPT), (104, FALLEN)])
def test_the_speed_of_a_figure(now: float, expected: str) -> None:
    """The speed is the cost before divided by the cost now; a loss of 3 % is allowed."""
    (row,) = against.compare_until_decided(FakeBenchmark(one=(100, now)).comparison(), TREES, ComparisonOptions())
    assert row.speed.median == pytest.approx(100 / now) and (row.verdict, row.rounds) == (expected, 8)


def test_trees_take_turns() -> None:
    """Each round starts both trees again, the one or the other first in turns, and they take turns in it."""
    costs = FakeBenchmark(one=(1, 1))
    against.compare_until_decided(costs.comparison(turns=4), TREES, ComparisonOptions())
    assert costs.opened == ["before", "now", "now", "before"] * 4
    assert [name for name, _ in costs.calls[2:10]] == ["before", "now", "now", "before"] * 2


def test_only_undecided_figures_get_more_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decided figure gets no more rounds; an undecided one gets more until the time is up."""
    monkeypatch.setattr(against, "monotonic", partial(next, count()))
    rng = random.Random(1)
    costs = FakeBenchmark(steady=(1, 1), wild=(lambda: rng.uniform(1, 9), lambda: rng.uniform(1, 9)))
    steady, wild = against.compare_until_decided(costs.comparison(), TREES, ComparisonOptions(minutes=1))
    assert (steady.verdict, steady.rounds) == (KEPT, 8)
    assert wild.verdict == UNDECIDED and 8 < wild.rounds <= 60


def test_the_baseline_is_subtracted() -> None:
    """With a baseline, the other figures are compared without its cost, and the baseline itself as it is."""
    costs = FakeBenchmark(empty=(10, 10), taken=(12, 14), lost=(9, 9))
    empty, taken, lost = against.compare_until_decided(costs.comparison(baseline="empty"), TREES, ComparisonOptions())
    assert empty.speed.median == 1 and taken.speed.median == 0.5
    assert lost.speed.median == inf


def test_one_round_decides_nothing() -> None:
    """If the time is up at once, one round of the chosen figures is made, and it is undecided."""
    costs = FakeBenchmark(one=(1, 1), other=(1, 1))
    (row,) = against.compare_until_decided(costs.comparison(), TREES, ComparisonOptions(minutes=0, only="oth"))
    assert (row.figure, row.rounds, row.verdict) == ("other", 1, UNDECIDED)


@pytest.mark.parametrize(
    ("now", "words", "code"),
    [
        (1.0, (), 0),
        (1.1, (), 1),
        (1.1, ("--limit", "0.9"), 0),
        (1.0, ("--minutes", "0"), 3),
        (1.0, ("--only", "on"), 0),
    ],
)
def test_the_exit_code_is_the_verdict(
    now: float, words: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command exits with 0 if kept, 1 if fallen and 3 if undecided; `round` names the base commit."""
    known = dict[str, against.Trees]()
    monkeypatch.setattr(trees, "commit_of", lambda commit: commit)
    monkeypatch.setattr(trees, "install_both", lambda commit, folder: known.setdefault(commit, TREES))
    monkeypatch.setitem(comparisons.COMPARISONS, "polls", FakeBenchmark(one=(1, now)).comparison())
    ran = CliRunner().invoke(main, ["polls", "--against", "round", *words])
    assert ran.exit_code == code, ran.output
    assert list(known) == [trees.ROUND_BASE]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["memory"], "'memory' isn't compared. Allowed: check, polls, fixture, "),
        (["startup", "--only", "none"], "No figure has 'none' in its name. Allowed: ready."),
    ],
)
def test_unknown_comparisons_are_refused(words: list[str], message: str) -> None:
    """A benchmark or figure that can't be compared is refused with a list of those that can."""
    ran = CliRunner().invoke(main, [*words, "--against", "round"])
    assert ran.exit_code == 2 and message in ran.output
    assert CliRunner().invoke(main, ["polls", "--against", "round", "--more-apis", "5"]).exit_code == 2


def test_more_apis_are_found_and_used(tmp_path: Path) -> None:
    """A tree with more APIs has so many, and each of them serves jobs."""
    tree = with_more_apis(trees.Tree("now", sys.executable, trees.environment(trees.ROOT)), 3, tmp_path)
    code = "from jobmock import apis; print([api.name for api in apis.all_apis()], apis.problems())"
    ran = subprocess.run([tree.python, "-c", code], env=tree.env, capture_output=True, text=True, check=True)
    assert ran.stdout == "['clado', 'orbit', 'toast1', 'toast2', 'toast3'] {}\n"


def test_unsatisfied_dependencies(tmp_path: Path) -> None:
    """A dependency is missing if no fitting version is installed; one for other systems is ignored."""
    wanted = '["pytest>=8", "pytest<2", "no-such-thing", "nor-this; sys_platform == \'none\'"]'
    (tmp_path / "pyproject.toml").write_text(f"[project]\ndependencies = {wanted}\n", encoding="utf-8")
    assert trees._missing(tmp_path) == ["pytest<2", "no-such-thing"]


def test_remote_pytest_runs_tests_on_request(tmp_path: Path) -> None:
    """A remote pytest measures a test as often as requested; an unknown test ends it with a message."""
    with remote_pytest.RemotePytest(sys.executable, trees.environment(trees.ROOT), "fixture", tmp_path) as run:
        assert [len(run.times(name, 3)) for name in ("test_empty", "test_url_virtual", "test_empty")] == [3] * 3
        assert all(took.own >= took.cpu > 0 for took in run.times("test_taken_manual", 2))
        with pytest.raises(SystemExit, match=r"(?s)test_none can't be measured:.*KeyError: 'test_none'"):
            run.times("test_none")
