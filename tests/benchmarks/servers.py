"""The table of servers: requests per second, processor time per request, and its share of a bare ASGI callable's.

All servers run at once and take turns, case by case and round by round, so that all have the same load on the machine.
Each round gives a ratio; the table has their median, minimum and maximum. jobmock runs with all features, which is
checked.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks import cases, load, subjects
from tests.benchmarks.cases import CASES, Case
from tests.benchmarks.processes import cpu_seconds, resident_mib
from tests.benchmarks.subjects import BARE, OWN, Running
from tests.campaigns.reporting import progress_bar

LEAST = {"pending": 0.65, "page of 22": 0.50, "1,000 people": 0.80, "orbit status": 0.65}
"""The share that jobmock should reach."""
_WARM_UP = 1.0


class Turn(NamedTuple):
    """One server's turn with one case: answers per second, microseconds of processor time each, and p50, p99 in ms."""

    rate: float
    cpu: float
    p50: float
    p99: float


Turns = dict[str, dict[str, list[Turn]]]
"""Case → server → its turns."""
Memory = dict[str, float]
"""Server → MiB."""


def run(rounds: int = 7, seconds: float = 2.0) -> dict[str, Any]:
    """Measure, print the table and return all figures. Raises SystemExit unless all features were on."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        servers = _start_all(folder, stack)
        least = {who: resident_mib(server.pid) for who, server in servers.items()}
        requests = _warm_up(servers)
        turns: Turns = {case.name: {who: [] for who in servers} for case in CASES}
        order = [(case, who) for _ in range(rounds) for case in CASES for who in servers]
        for case, who in progress_bar(order, "servers"):
            turn, count = _take_turn(servers[who], case, seconds)
            turns[case.name][who].append(turn)
            requests[case.api] += count if who == OWN else 0
        if off := cases.missing_features(servers[OWN].url, requests):
            raise SystemExit(f"jobmock didn't have all features on: {'; '.join(off)}.")
        most = {who: resident_mib(server.pid) for who, server in servers.items()}
    return _print_table(turns, servers, least, most)


def _start_all(folder: Path, stack: ExitStack) -> dict[str, Running]:
    """Start all servers; jobmock comes first, because the others repeat its answers."""
    wanted = subjects.subjects()
    own = stack.enter_context(subjects.running(wanted[OWN], folder))
    cases.write_answers(cases.prepare(own.url), folder)
    others = {who: command for who, command in wanted.items() if who != OWN}
    started = {who: stack.enter_context(subjects.running(command, folder)) for who, command in others.items()}
    return {who: own if who == OWN else started[who] for who in wanted}


def _warm_up(servers: dict[str, Running]) -> dict[str, int]:
    """Put load on each server before the first figure; return the number of jobmock's requests by API."""
    requests = dict.fromkeys(cases.KEYS, 0)
    for case, who in progress_bar([(case, who) for case in CASES for who in servers], "warming up"):
        seconds = subjects.WARM_UP.get(who, _WARM_UP * len(CASES)) / len(CASES)
        count = load.measure(servers[who].url + case.target, case.headers, seconds).requests
        requests[case.api] += count if who == OWN else 0
    return requests


def _take_turn(server: Running, case: Case, seconds: float) -> tuple[Turn, int]:
    before = cpu_seconds(server.pid)
    found = load.measure(server.url + case.target, case.headers, seconds)
    cpu = (cpu_seconds(server.pid) - before) / found.requests * 1e6
    return Turn(found.requests / found.seconds, cpu, found.p50, found.p99), found.requests


def _print_table(turns: Turns, servers: dict[str, Running], least: Memory, most: Memory) -> dict[str, Any]:
    """Print the table; return all figures, and as `ratios` the medians with which later runs are compared."""
    print(f"{load.driver()}, 16 connections, {'a processor each' if subjects.can_pin() else 'one processor'};"
          f" processor time of a request as a share of {BARE}'s, higher is better: median (least to most)")  # fmt: skip
    figures: dict[str, Any] = {"driver": load.driver(), "python": sys.version.split()[0], "cases": {}, "ratios": {}}
    for case in CASES:
        print(f"{case.name}")
        own = figures["cases"][case.name] = {}
        for who, taken in turns[case.name].items():
            shares = _shares(turns[case.name], who)
            own[who] = _figures(taken, shares)
            figures["ratios"][f"{who}, {case.name}"] = own[who]["share"]
            print(_row(who, own[who], LEAST[case.name] if who == OWN else None))
    figures["servers"] = {
        who: {"ready_ms": server.ready * 1000, "mib_at_start": least[who], "mib_at_end": most[who]}
        for who, server in servers.items()
    }
    for who, row in figures["servers"].items():
        print(f"{who:<18} first answer after {row['ready_ms']:5.0f} ms; {row['mib_at_start']:.0f} MiB then,"
              f" {row['mib_at_end']:.0f} MiB at the end")  # fmt: skip
    return figures


def _shares(turns: dict[str, list[Turn]], who: str) -> list[float]:
    """Return a server's share of the bare one's speed in each round."""
    return [base.cpu / turn.cpu for base, turn in zip(turns[BARE], turns[who], strict=True)]


def _figures(taken: list[Turn], shares: list[float]) -> dict[str, float]:
    middle = Turn(*(statistics.median(column) for column in zip(*taken, strict=True)))
    share = {"share": statistics.median(shares), "share_least": min(shares), "share_most": max(shares)}
    return {"rate": middle.rate, "cpu_us": middle.cpu, "p50_ms": middle.p50, "p99_ms": middle.p99, **share}


def _row(who: str, figures: dict[str, float], least: float | None) -> str:
    mark = "" if least is None else f"  should be {least:.2f}: {'ok' if figures['share'] >= least else 'UNDER'}"
    return (f"  {who:<18} {figures['rate']:8,.0f}/s {figures['cpu_us']:9,.1f} µs  {figures['share']:5.2f}"
            f" ({figures['share_least']:.2f} to {figures['share_most']:.2f})"
            f"  p50 {figures['p50_ms']:.2f} ms, p99 {figures['p99_ms']:.2f} ms{mark}")  # fmt: skip
