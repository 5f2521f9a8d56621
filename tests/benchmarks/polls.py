"""Jobs polled every 5 s by real client code in virtual time, in process and over TCP.

In the same round, the same client polls back to back on a manual clock, with the same answers. The difference is what
virtual time adds. The time of a client goes from its creation to its closing; only `whole test` includes the verdict at
the test's end.

What virtual time adds over TCP is then compared in rounds, as in `against`: each client in a test of its own, beside
the same client back to back.
"""

from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from tests.benchmarks import trees
from tests.benchmarks.against import ComparisonOptions, compare_until_decided
from tests.benchmarks.comparisons import Comparison, Cost
from tests.benchmarks.intervals import FALLEN, KEPT, UNDECIDED
from tests.benchmarks.pollers import INTERVAL, POLLERS, Poller
from tests.benchmarks.remote_pytest import RemotePytest
from tests.benchmarks.samples.polls import TESTS
from tests.benchmarks.trees import Tree

from jobmock.virtual import in_real_time
from pytest_jobmock.marker import MarkerArguments
from pytest_jobmock.mocks.server import MockServer
from pytest_jobmock.options import Options
from pytest_jobmock.session import MockSession

LIMITS = {False: 200, True: 300}
"""Milliseconds that a 15-minute job may take in process, and over TCP."""
MOST = 1.15
"""The most that 181 polls over TCP may take, as a multiple of the time back to back."""
_MINUTES = 5
QUARTER = "clado/slow"
_QUARTER_SECONDS = 900
_HOUR = 3_600
_MARKS = {KEPT: "ok", FALLEN: "OVER", UNDECIDED: "undecided"}


class PollTimes(NamedTuple):
    """The milliseconds of one client: wall time, processor time of all threads, and wall time of its whole test."""

    wall: float
    cpu: float
    whole: float


def job_lasting(seconds: int) -> dict[str, Any]:
    """Return a scenario of a Clado job that is completed after so many seconds."""
    progression = [{"status": "searching", "after": {"seconds": seconds}}, {"status": "completed"}]
    return {"version": 1, "api": "clado", "results": {"count": 30, "seed": 15}, "progression": progression}


def measure(server: MockServer, poller: Poller, scenario: Any, seconds: int, *, virtual: bool) -> PollTimes:
    """Let a client poll a job of so many seconds to its end, as in a test, and return the times."""
    options = replace(Options(), time="virtual" if virtual else "manual")
    item: Any = SimpleNamespace(user_properties=[], stash=pytest.Stash())
    gc.collect()
    whole = perf_counter()
    session = MockSession(server, options, MarkerArguments((scenario,), None, {}), item)
    with session.running():
        mock = session.mock("clado")
        with in_real_time():
            began, worked = perf_counter(), process_time()
        polls = poller.poll(mock, virtual)
        with in_real_time():
            wall, cpu = perf_counter() - began, process_time() - worked
    whole = perf_counter() - whole
    if polls != seconds // INTERVAL + 1 or mock.clock.elapsed != seconds:
        raise SystemExit(f"{poller.name} made {polls} polls until {mock.clock.elapsed:g} s of {seconds}.")
    return PollTimes(wall * 1000, cpu * 1000, whole * 1000)


def _median(times: list[PollTimes]) -> PollTimes:
    return PollTimes(*(statistics.median(column) for column in zip(*times, strict=True)))


def _label(poller: Poller) -> str:
    return f"{'TCP' if poller.tcp else 'in process':<10} {poller.name:<12}"


def _print_quarter_hour(server: MockServer, rounds: int) -> dict[str, float]:
    """Print the table of 15-minute jobs; return each client's best time as a share of its limit."""
    runs = [(poller, virtual) for poller in POLLERS for virtual in (True, False)]
    times: dict[tuple[Poller, bool], list[PollTimes]] = {run: [] for run in runs}
    for turn in range(rounds + 1):
        for (poller, virtual), taken in times.items():
            one = measure(server, poller, QUARTER, _QUARTER_SECONDS, virtual=virtual)
            if turn:  # the first one warms up
                taken.append(one)
    print(f"15 minutes, {_QUARTER_SECONDS // INTERVAL + 1} polls, ms: medians of {rounds} rounds after one more")
    print(f"{'':<23} {'median':>6} {'best':>6} {'CPU':>6} {'limit':>6}  {'':<9} {'back to back':>12} {'best':>6}"
          f" {'virtual time adds':>18} {'whole test':>11}")  # fmt: skip
    shares = {}
    for poller in POLLERS:
        own, other, limit = times[poller, True], times[poller, False], LIMITS[poller.tcp]
        median, base = _median(own), _median(other)
        best, least = min(own).wall, min(other).wall
        shares[_label(poller)] = best / limit
        mark = "ok" if median.wall < limit else "best ok" if best < limit else "OVER"
        adds = f"{median.wall - base.wall:.0f} (×{median.wall / base.wall:.2f})"
        print(f"{_label(poller)} {median.wall:6.0f} {best:6.0f} {median.cpu:6.0f} {limit:6}  {mark:<9}"
              f" {base.wall:12.0f} {least:6.0f} {adds:>18} {median.whole:11.0f}")  # fmt: skip
    return shares


@contextmanager
def _run(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Yield a function that measures a client's test. The two "trees" are the same, with and without virtual time."""
    with RemotePytest(tree.python, tree.env, "polls", folder) as run:
        yield lambda figure: run.times(f"test_{tree.name}[{figure}]")[0].own


def _compare_with_back_to_back() -> list[str]:
    """Print each client's time over TCP as a multiple of the time back to back; return those above the limit."""
    env = trees.environment(trees.ROOT)
    both = Tree("back_to_back", sys.executable, env), Tree("polls", sys.executable, env)
    comparison = Comparison(tuple(name for name, one in TESTS.items() if one.tcp), _run, turns=4, limit=1 / MOST)
    rows = compare_until_decided(comparison, both, ComparisonOptions(minutes=_MINUTES))
    print(f"times as long as back to back, median of rounds (its 95 % interval), limit {MOST}")
    for row in rows:
        print(f"{row.figure:<23} {row.speed.inverse}, {row.rounds} rounds: {_MARKS[row.verdict]}")
    return [row.figure for row in rows if row.verdict == FALLEN]


def _print_long_jobs(server: MockServer, hours: int) -> None:
    """Print the time of a job of so many hours, once for each client; up to 2 h also back to back."""
    seconds = hours * _HOUR
    count = seconds // INTERVAL + 1
    print(f"{hours} h, {count:,} polls, once each")
    for poller in POLLERS:
        own = measure(server, poller, job_lasting(seconds), seconds, virtual=True)
        line = f"{_label(poller)} {own.wall:7.0f} ms, {own.wall / count * 1000:5.0f} µs a poll, CPU {own.cpu:6.0f} ms"
        line += f", whole test {own.whole:6.0f} ms"
        if hours <= 2:
            base = measure(server, poller, job_lasting(seconds), seconds, virtual=False)
            line += f"; back to back {base.wall:6.0f} ms (×{own.wall / base.wall:.2f})"
        print(line)


def run(rounds: int = 9) -> dict[str, float]:
    """Print the table of 15-minute jobs; return the best times as shares of limits. Raises SystemExit above one."""
    server = MockServer()
    try:
        shares = _print_quarter_hour(server, rounds)
    finally:
        server.stop()
    slow = _compare_with_back_to_back()
    if over := [name for name, share in shares.items() if share >= 1]:
        raise SystemExit(f"Over the limit in the best round: {', '.join(over)}.")
    if slow:
        raise SystemExit(f"Takes more than {MOST} times as long as back to back: {', '.join(slow)}.")
    return shares


def run_long() -> None:
    """Print the times of jobs of 2 and of 24 hours."""
    server = MockServer()
    try:
        for hours in (2, 24):
            _print_long_jobs(server, hours)
    finally:
        server.stop()
