"""The benchmarks in which two installed trees can be compared: their figures, and how their costs are measured.

Both trees are measured by the same code, that of the working tree, which uses only what users have: the fixture
`clado_mock`, its marker, and the command. So a commit needs neither these benchmarks nor the same internals.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import cases, check, load, plugin, startup, subjects
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.remote_pytest import RemotePytest
from tests.benchmarks.samples import fixture, polls
from tests.benchmarks.trees import Tree

Cost = Callable[[str], float]
"""A function that measures what a figure costs a tree in one turn, in milliseconds."""
_SECONDS = 1.0
_RECORDINGS: dict[str, tuple[int, bool]] = {"one": (1, False), "judged": (400, False), "changed": (150, True)}
"""For each figure of `check`, how many exchanges are recorded, and whether each has a changed member."""
_CASES = {case.name: case for case in cases.CASES}


class Comparison(NamedTuple):
    """One benchmark: its figures, how a tree is started, the turns in a round, and the figure that is subtracted."""

    figures: tuple[str, ...]
    open_tree: Callable[[Tree, Path], AbstractContextManager[Cost]]
    turns: int
    baseline: str | None = None
    limit: float = 0.97


def _remote(sample: str, test: str, count: int, tree: Tree, folder: Path) -> Iterator[Cost]:
    """Yield a function that measures a test: the median of so many runs."""
    with RemotePytest(tree.python, tree.env, sample, folder) as run:
        yield lambda figure: statistics.median(one.own for one in run.times(test.format(figure), count))


def _of_tests(sample: str, test: str, count: int = 1) -> Callable[[Tree, Path], AbstractContextManager[Cost]]:
    return contextmanager(partial(_remote, sample, test, count))


@contextmanager
def _server(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Yield a function that measures the processor time of a request to `jobmock serve`."""
    with subjects.running(partial(subjects.jobmock_command, tree.python), folder, tree.env) as server:
        cases.prepare(server.url)

        def cost(figure: str) -> float:
            before, case = cpu_seconds(server.pid), _CASES[figure]
            count = load.measure(server.url + case.target, case.headers, _SECONDS).requests
            return (cpu_seconds(server.pid) - before) / count * 1000

        yield cost


@contextmanager
def _ready(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Yield a function that measures the time from the start of `jobmock serve` to its first 200."""
    yield lambda figure: startup.time_to_ready(partial(startup.jobmock_command, tree.python), tree.env).own


@contextmanager
def _collected(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Yield a function that measures the processor time of a collection with the plugin, or without it."""
    env = {name: value for name, value in tree.env.items() if name != "PYTEST_DISABLE_PLUGIN_AUTOLOAD"}
    plugin.prepare(folder)
    yield lambda figure: plugin.collect(folder, without=figure == "without", python=tree.python, env=env).cpu


@contextmanager
def _checked(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Yield a function that measures the processor time of a check of recorded exchanges, or of a single one."""
    paths = {figure: check.recording(folder, *size) for figure, size in _RECORDINGS.items()}
    yield lambda figure: check.check_command(tree.python, paths[figure], tree.env) * 1000


COMPARISONS = {
    "check": Comparison(("judged", "changed"), _checked, turns=4, baseline="one"),
    "polls": Comparison(tuple(polls.TESTS), _of_tests("polls", "test_polls[{}]"), turns=4),
    "fixture": Comparison(fixture.TESTS, _of_tests("fixture", "{}", count=20), turns=16, baseline=fixture.EMPTY),
    "inprocess": Comparison(("polls",), _of_tests("inprocess", "test_{}"), turns=8),
    "servers": Comparison(tuple(_CASES), _server, turns=2),
    "startup": Comparison(("ready",), _ready, turns=6),
    "plugin": Comparison(("with",), _collected, turns=6, baseline="without", limit=0.90),
}
"""The comparison of each benchmark. The plugin costs less than two runs differ by themselves, hence the limit 0.90."""
