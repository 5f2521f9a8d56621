"""Jobs polled every 5 s with real client code in virtual time, in process and over TCP.

Beside each, in the same round, stands the same client with the same answers and no virtual time: it polls back to back
on a clock that is moved by hand. What lies between the two is virtual time's own share. A client's time begins when it
is made and ends when it is closed; the verdict that the test's end brings is in `whole test` only.

How much virtual time adds over TCP is then decided with rounds in turns, as in `against`: each client in a test of its
own, beside itself back to back.
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
from tests.benchmarks.against import Asked, decided
from tests.benchmarks.intervals import FALLEN, KEPT, UNDECIDED
from tests.benchmarks.paced import Paced
from tests.benchmarks.pollers import INTERVAL, POLLERS, Poller
from tests.benchmarks.sampled.polls import TESTS
from tests.benchmarks.sides import Cost, Side
from tests.benchmarks.trees import Tree

from jobmock.virtual import in_real_time
from pytest_jobmock.marker import MarkerArguments
from pytest_jobmock.mocks.server import MockServer
from pytest_jobmock.options import Options
from pytest_jobmock.session import MockSession

LIMITS = {False: 200, True: 300}
"""Milliseconds that a 15-minute job may take in process, and over TCP."""
MOST = 1.15
"""How many times as long as back to back 181 polls over TCP may take."""
_MINUTES = 5
QUARTER = "clado/slow"
_QUARTER_SECONDS = 900
_HOUR = 3_600
_MARKS = {KEPT: "ok", FALLEN: "OVER", UNDECIDED: "undecided"}


class Took(NamedTuple):
    """What one client took, in milliseconds: by the wall, in CPU of all threads, and with its whole test around it."""

    wall: float
    cpu: float
    whole: float


def lasting(seconds: int) -> dict[str, Any]:
    """Return a scenario of Clado that is completed after so many seconds."""
    progression = [{"status": "searching", "after": {"seconds": seconds}}, {"status": "completed"}]
    return {"version": 1, "api": "clado", "results": {"count": 30, "seed": 15}, "progression": progression}


def took(server: MockServer, poller: Poller, scenario: Any, seconds: int, *, virtual: bool) -> Took:
    """Let a client poll a job of so many seconds to its end, as in a test of its own."""
    options = replace(Options(), time="virtual" if virtual else "jumping")
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
    return Took(wall * 1000, cpu * 1000, whole * 1000)


def _median(times: list[Took]) -> Took:
    return Took(*(statistics.median(column) for column in zip(*times, strict=True)))


def _way(poller: Poller) -> str:
    return f"{'TCP' if poller.wire else 'in process':<10} {poller.name:<12}"


def _quarter(server: MockServer, rounds: int) -> dict[str, float]:
    """Print the 15-minute job's table; return each client's best time as a share of its limit."""
    times: dict[tuple[Poller, bool], list[Took]] = {(one, virtual): [] for one in POLLERS for virtual in (True, False)}
    for turn in range(rounds + 1):
        for (poller, virtual), taken in times.items():
            one = took(server, poller, QUARTER, _QUARTER_SECONDS, virtual=virtual)
            if turn:  # the first one warms up
                taken.append(one)
    print(f"15 minutes, {_QUARTER_SECONDS // INTERVAL + 1} polls, ms: medians of {rounds} rounds after one more")
    print(f"{'':<23} {'median':>6} {'best':>6} {'CPU':>6} {'limit':>6}  {'':<9} {'back to back':>12} {'best':>6}"
          f" {'virtual time adds':>18} {'whole test':>11}")  # fmt: skip
    shares = {}
    for poller in POLLERS:
        own, other, limit = times[poller, True], times[poller, False], LIMITS[poller.wire]
        median, base = _median(own), _median(other)
        best, least = min(own).wall, min(other).wall
        shares[_way(poller)] = best / limit
        mark = "ok" if median.wall < limit else "best ok" if best < limit else "OVER"
        adds = f"{median.wall - base.wall:.0f} (×{median.wall / base.wall:.2f})"
        print(f"{_way(poller)} {median.wall:6.0f} {best:6.0f} {median.cpu:6.0f} {limit:6}  {mark:<9} {base.wall:12.0f}"
              f" {least:6.0f} {adds:>18} {median.whole:11.0f}")  # fmt: skip
    return shares


@contextmanager
def _run(tree: Tree, folder: Path) -> Iterator[Cost]:
    """Give what a client's test takes; the two "trees" are one, in virtual time and without it."""
    with Paced(tree.python, tree.env, "polls", folder) as run:
        yield lambda figure: run.times(f"test_{tree.name}[{figure}]")[0].own


def _beside() -> list[str]:
    """Print how many times as long as back to back each client takes over TCP; return those above what is meant."""
    env = trees.environment(trees.ROOT)
    both = Tree("back_to_back", sys.executable, env), Tree("polls", sys.executable, env)
    side = Side(tuple(name for name, one in TESTS.items() if one.wire), _run, turns=4, limit=1 / MOST)
    rows = decided(side, both, Asked(minutes=_MINUTES))
    print(f"times as long as back to back, median of rounds (its 95 % interval), meant to be {MOST}")
    for row in rows:
        print(f"{row.figure:<23} {row.speed.inverse}, {row.rounds} rounds: {_MARKS[row.verdict]}")
    return [row.figure for row in rows if row.verdict == FALLEN]


def _long(server: MockServer, hours: int) -> None:
    """Print what a job of so many hours takes, once for each client; up to 2 h also without virtual time."""
    seconds = hours * _HOUR
    count = seconds // INTERVAL + 1
    print(f"{hours} h, {count:,} polls, once each")
    for poller in POLLERS:
        own = took(server, poller, lasting(seconds), seconds, virtual=True)
        line = f"{_way(poller)} {own.wall:7.0f} ms, {own.wall / count * 1000:5.0f} µs a poll, CPU {own.cpu:6.0f} ms"
        line += f", whole test {own.whole:6.0f} ms"
        if hours <= 2:
            base = took(server, poller, lasting(seconds), seconds, virtual=False)
            line += f"; back to back {base.wall:6.0f} ms (×{own.wall / base.wall:.2f})"
        print(line)


def run(rounds: int = 9) -> dict[str, float]:
    """Print the table of 15-minute jobs; return the best times as shares of the limits. Ends with 1 above those."""
    server = MockServer()
    try:
        shares = _quarter(server, rounds)
    finally:
        server.stop()
    slow = _beside()
    if over := [name for name, share in shares.items() if share >= 1]:
        raise SystemExit(f"Over the limit in the best round: {', '.join(over)}.")
    if slow:
        raise SystemExit(f"Takes more than {MOST} times as long as back to back: {', '.join(slow)}.")
    return shares


def run_long() -> None:
    """Print what jobs of 2 and of 24 hours take."""
    server = MockServer()
    try:
        for hours in (2, 24):
            _long(server, hours)
    finally:
        server.stop()
