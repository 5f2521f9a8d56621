"""`--against`: how two trees are compared, and what is said of the outcome."""

from __future__ import annotations

import random
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
from tests.benchmarks import against, intervals, paced, sides, trees
from tests.benchmarks.__main__ import main
from tests.benchmarks.against import Asked
from tests.benchmarks.intervals import FALLEN, KEPT, UNDECIDED, Interval
from tests.benchmarks.processes import Took
from tests.benchmarks.sides import Cost, Side

TREES = trees.Tree("before", "python", {}), trees.Tree("now", "python", {})


class Costs:
    """A benchmark that isn't one: it says which tree was asked for what, and costs what it is told."""

    def __init__(self, **costs: Any) -> None:
        self.costs, self.asked, self.opened = costs, list[tuple[str, str]](), list[str]()

    @contextmanager
    def open(self, tree: trees.Tree, folder: Path) -> Iterator[Cost]:
        self.opened.append(tree.name)

        def cost(figure: str) -> float:
            self.asked.append((tree.name, figure))
            found = self.costs[figure][tree.name == "now"]
            return float(found() if callable(found) else found)

        yield cost

    def side(self, turns: int = 4, above: str | None = None, limit: float = 0.97) -> Side:
        return Side(tuple(self.costs), self.open, turns, above, limit)


@pytest.mark.parametrize(
    ("size", "error", "cut"),
    [(5, 0.05, None), (6, 0.05, 1), (8, 0.05, 1), (9, 0.05, 2), (15, 0.05, 4), (8, 0.001, None)],
)
def test_the_interval_is_the_sign_tests(size: int, error: float, cut: int | None) -> None:
    """It lies between the values that the tables of the sign test name; too few values bound nothing."""
    found = intervals.interval([float(value) for value in range(size, 0, -1)], error)
    assert found[1:] == ((0, inf) if cut is None else (cut, size + 1 - cut))


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    """Of a thousand samples of a skewed distribution, at least 95 in 100 have the true median in their interval."""
    drawn = random.Random(1)
    samples = [[drawn.expovariate(0.6931471805599453) for _ in range(12)] for _ in range(1_000)]
    assert sum(found.low <= 1 <= found.high for found in map(intervals.interval, samples)) >= 950


def test_looking_often_isnt_being_wrong_more_often() -> None:
    """However often somebody looks, the errors of all looks together stay below 5 %."""
    assert 0.049 < sum(map(intervals.error_of, range(1, 10_000))) < 0.05


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0.97, 1.2, KEPT), (1.0, 1.1, KEPT), (0.5, 0.96, FALLEN), (0.96, 0.98, UNDECIDED), (0.5, 0.97, UNDECIDED)],
)
def test_verdict(low: float, high: float, told: str) -> None:
    """An interval on one side of the limit decides; one that holds it doesn't."""
    assert intervals.verdict(Interval(0.97, low, high), 0.97) == told


def test_the_queue_isnt_the_tests_own_time() -> None:
    """Waiting for a processor isn't counted, waiting for anything else is; the processor time is the least."""
    assert Took(10, 4, 5).own == 5 and Took(10, 4).own == 10 and Took(10, 4, 9).own == 4


@pytest.mark.parametrize(("now", "told"), [(100, KEPT), (50, KEPT), (102, KEPT), (104, FALLEN)])
def test_speed_is_before_by_now(now: float, told: str) -> None:
    """What takes twice as long has half the speed; 3 % are allowed to be lost."""
    (row,) = against.decided(Costs(one=(100, now)).side(), TREES, Asked())
    assert row.speed.median == pytest.approx(100 / now) and (row.verdict, row.rounds) == (told, 8)


def test_trees_take_turns() -> None:
    """In a round each tree is started anew, the one and the other first in turns, and so they go on within it."""
    costs = Costs(one=(1, 1))
    against.decided(costs.side(turns=4), TREES, Asked())
    assert costs.opened == ["before", "now", "now", "before"] * 4
    assert [name for name, _ in costs.asked[2:10]] == ["before", "now", "now", "before"] * 2


def test_only_what_is_undecided_is_measured_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that is decided costs no more rounds, one that isn't gets more until the time is up."""
    monkeypatch.setattr(against, "monotonic", partial(next, count()))
    drawn = random.Random(1)
    costs = Costs(steady=(1, 1), wild=(lambda: drawn.uniform(1, 9), lambda: drawn.uniform(1, 9)))
    steady, wild = against.decided(costs.side(), TREES, Asked(minutes=1))
    assert (steady.verdict, steady.rounds) == (KEPT, 8)
    assert wild.verdict == UNDECIDED and 8 < wild.rounds <= 60


def test_what_a_figure_adds_is_compared() -> None:
    """Where figures are counted above another one, what they add is compared, and the other one as it is."""
    costs = Costs(empty=(10, 10), taken=(12, 14), lost=(9, 9))
    empty, taken, lost = against.decided(costs.side(above="empty"), TREES, Asked())
    assert empty.speed.median == 1 and taken.speed.median == 0.5
    assert lost.speed.median == inf


def test_one_round_is_no_answer() -> None:
    """Where the time is up at once, one round is made, of what is asked for; nothing is decided by it."""
    costs = Costs(one=(1, 1), other=(1, 1))
    (row,) = against.decided(costs.side(), TREES, Asked(minutes=0, only="oth"))
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
def test_the_command_ends_with_the_verdict(
    now: float, words: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 is kept, 1 fallen, 3 undecided; the base of the round has a name."""
    known = dict[str, against.Trees]()
    monkeypatch.setattr(trees, "commit_of", lambda commit: commit)
    monkeypatch.setattr(trees, "both", lambda commit, folder: known.setdefault(commit, TREES))
    monkeypatch.setitem(sides.SIDES, "polls", Costs(one=(1, now)).side())
    ran = CliRunner().invoke(main, ["polls", "--against", "round", *words])
    assert ran.exit_code == code, ran.output
    assert list(known) == [trees.ROUND]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["memory"], "'memory' isn't compared --against. Allowed: polls, fixture, "),
        (["startup", "--only", "none"], "No figure has 'none' in its name. Allowed: ready."),
    ],
)
def test_what_cant_be_compared_is_told(words: list[str], told: str) -> None:
    """A benchmark or a figure that can't be compared is refused, and those that can are named."""
    ran = CliRunner().invoke(main, [*words, "--against", "round"])
    assert ran.exit_code == 2 and told in ran.output


def test_dependencies_are_shared_where_they_satisfy(tmp_path: Path) -> None:
    """A declared dependency is missing where it isn't installed so; one that is for other systems isn't looked for."""
    wanted = '["pytest>=8", "pytest<2", "no-such-thing", "nor-this; sys_platform == \'none\'"]'
    (tmp_path / "pyproject.toml").write_text(f"[project]\ndependencies = {wanted}\n", encoding="utf-8")
    assert trees._missing(tmp_path) == ["pytest<2", "no-such-thing"]


def test_tests_run_when_they_are_asked_for(tmp_path: Path) -> None:
    """A paced run of pytest takes a test's time as often as it is asked; a test that isn't there ends it, with why."""
    with paced.Paced(sys.executable, trees.environment(trees.ROOT), "fixture", tmp_path) as run:
        assert [len(run.times(name, 3)) for name in ("test_empty", "test_url_virtual", "test_empty")] == [3] * 3
        assert all(took.own >= took.cpu > 0 for took in run.times("test_taken_manual", 2))
        with pytest.raises(SystemExit, match=r"(?s)test_none can't be measured:.*KeyError: 'test_none'"):
            run.times("test_none")
