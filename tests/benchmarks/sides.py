"""What two installed trees are compared in: for each benchmark its figures, and how their costs are taken.

All are taken by the same code, that of the working tree, through nothing but what users have: the fixture `clado_mock`,
its marker, the command. So a commit can be compared that has none of these benchmarks, or other internals.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import cases, load, plugin, startup, subjects
from tests.benchmarks.paced import Paced
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.sampled import fixture, polls
from tests.benchmarks.trees import Tree

Cost = Callable[[str], float]
"""What a figure costs a tree in one turn, in milliseconds."""
_SECONDS = 1.0
_CASES = {case.name: case for case in cases.CASES}


class Side(NamedTuple):
    """One benchmark: its figures, how a tree is opened, turns in a round, the figure that others are counted above."""

    figures: tuple[str, ...]
    opened: Callable[[Tree, Path], AbstractContextManager[Cost]]
    turns: int
    above: str | None = None
    limit: float = 0.97


def _paced(sample: str, test: str, count: int, tree: Tree, folder: Path) -> Iterator[Cost]:
    """Give the middle one of so many runs of a test."""
    with Paced(tree.python, tree.env, sample, folder) as run:
        yield lambda figure: statistics.median(one.own for one in run.times(test.format(figure), count))


def _of_tests(sample: str, test: str, count: int = 1) -> Callable[[Tree, Path], AbstractContextManager[Cost]]:
    return contextmanager(partial(_paced, sample, test, count))


@contextmanager
def _server(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Give the processor time of a request to `jobmock serve`."""
    with subjects.running(partial(subjects.own, tree.python), folder, tree.env) as server:
        cases.prepare(server.url)

        def cost(figure: str) -> float:
            before, case = cpu_seconds(server.pid), _CASES[figure]
            count = load.put_on(server.url + case.target, case.headers, _SECONDS).requests
            return (cpu_seconds(server.pid) - before) / count * 1000

        yield cost


@contextmanager
def _ready(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Give the time from the start of `jobmock serve` to its first 200."""
    yield lambda figure: startup.time_to_ready(partial(startup.own, tree.python), tree.env).own


@contextmanager
def _collected(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Give the processor time of a collection with the plugin, or without it."""
    env = {name: value for name, value in tree.env.items() if name != "PYTEST_DISABLE_PLUGIN_AUTOLOAD"}
    plugin.prepare(folder)
    yield lambda figure: plugin.collect(folder, without=figure == "without", python=tree.python, env=env).cpu


SIDES = {
    "polls": Side(tuple(polls.TESTS), _of_tests("polls", "test_polls[{}]"), turns=4),
    "fixture": Side(fixture.TESTS, _of_tests("fixture", "{}", count=20), turns=16, above=fixture.EMPTY),
    "inprocess": Side(("polls",), _of_tests("inprocess", "test_{}"), turns=8),
    "servers": Side(tuple(_CASES), _server, turns=2),
    "startup": Side(("ready",), _ready, turns=6),
    "plugin": Side(("with",), _collected, turns=6, above="without", limit=0.90),
}
"""Each benchmark that two trees can be compared in. A plugin costs less than a run's own times differ, hence 0.90."""
