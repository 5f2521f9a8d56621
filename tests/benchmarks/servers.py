"""The table of servers: requests a second, processor time a request, and what share of a bare ASGI callable that is.

All subjects run at once and take turns, case by case and round by round, so that all meet the same machine; each round
gives a ratio, the table their median, least and most. jobmock runs with everything on, and that is checked.
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
from tests.campaigns.reporting import bar

LEAST = {"pending": 0.65, "page of 22": 0.50, "1,000 people": 0.80, "orbit status": 0.65}
"""What jobmock's share is meant to be."""
_WARM_UP = 1.0


class Turn(NamedTuple):
    """One subject's turn with one case: answers a second, microseconds of processor time each, milliseconds."""

    rate: float
    cpu: float
    p50: float
    p99: float


Turns = dict[str, dict[str, list[Turn]]]
"""Case → subject → its turns."""
Memory = dict[str, float]
"""Subject → MiB."""


def run(rounds: int = 7, seconds: float = 2.0) -> dict[str, Any]:
    """Measure, print the table, and return every figure. Ends with 1 unless all answers are 200 and all was on."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        servers = _started(folder, stack)
        least = {who: resident_mib(server.pid) for who, server in servers.items()}
        asked = _warmed_up(servers)
        turns: Turns = {case.name: {who: [] for who in servers} for case in CASES}
        order = [(case, who) for _ in range(rounds) for case in CASES for who in servers]
        for case, who in bar(order, "servers"):
            turn, count = _turn(servers[who], case, seconds)
            turns[case.name][who].append(turn)
            asked[case.api] += count if who == OWN else 0
        if off := cases.everything_was_on(servers[OWN].url, asked):
            raise SystemExit(f"jobmock hadn't everything on: {'; '.join(off)}.")
        most = {who: resident_mib(server.pid) for who, server in servers.items()}
    return _told(turns, servers, least, most)


def _started(folder: Path, stack: ExitStack) -> dict[str, Running]:
    """Start every server: jobmock first, whose answers the others repeat."""
    wanted = subjects.subjects()
    own = stack.enter_context(subjects.running(wanted[OWN], folder))
    cases.written(cases.prepare(own.url), folder)
    others = {who: command for who, command in wanted.items() if who != OWN}
    started = {who: stack.enter_context(subjects.running(command, folder)) for who, command in others.items()}
    return {who: own if who == OWN else started[who] for who in wanted}


def _warmed_up(servers: dict[str, Running]) -> dict[str, int]:
    """Put load on each before the first figure; return how often jobmock was asked, by API."""
    asked = dict.fromkeys(cases.KEYS, 0)
    for case, who in bar([(case, who) for case in CASES for who in servers], "warming up"):
        seconds = subjects.WARM_UP.get(who, _WARM_UP * len(CASES)) / len(CASES)
        count = load.put_on(servers[who].url + case.target, case.headers, seconds).requests
        asked[case.api] += count if who == OWN else 0
    return asked


def _turn(server: Running, case: Case, seconds: float) -> tuple[Turn, int]:
    before = cpu_seconds(server.pid)
    found = load.put_on(server.url + case.target, case.headers, seconds)
    cpu = (cpu_seconds(server.pid) - before) / found.requests * 1e6
    return Turn(found.requests / found.seconds, cpu, found.p50, found.p99), found.requests


def _told(turns: Turns, servers: dict[str, Running], least: Memory, most: Memory) -> dict[str, Any]:
    """Print the table; return all figures, and as `ratios` the medians that a later run is compared by."""
    print(f"{load.driver()}, 16 connections, {'a processor each' if subjects.pinned() else 'one processor'};"
          f" processor time of a request as a share of {BARE}'s, higher is better: median (least to most)")  # fmt: skip
    told: dict[str, Any] = {"driver": load.driver(), "python": sys.version.split()[0], "cases": {}, "ratios": {}}
    for case in CASES:
        print(f"{case.name}")
        own = told["cases"][case.name] = {}
        for who, taken in turns[case.name].items():
            shares = _shares(turns[case.name], who)
            own[who] = _figures(taken, shares)
            told["ratios"][f"{who}, {case.name}"] = own[who]["share"]
            print(_row(who, own[who], LEAST[case.name] if who == OWN else None))
    told["servers"] = {
        who: {"ready_ms": server.ready * 1000, "mib_at_start": least[who], "mib_at_end": most[who]}
        for who, server in servers.items()
    }
    for who, figures in told["servers"].items():
        print(f"{who:<18} first answer after {figures['ready_ms']:5.0f} ms; {figures['mib_at_start']:.0f} MiB then,"
              f" {figures['mib_at_end']:.0f} MiB at the end")  # fmt: skip
    return told


def _shares(turns: dict[str, list[Turn]], who: str) -> list[float]:
    """Return a subject's share in each round: each is set against the bare one of the same round."""
    return [base.cpu / turn.cpu for base, turn in zip(turns[BARE], turns[who], strict=True)]


def _figures(taken: list[Turn], shares: list[float]) -> dict[str, float]:
    middle = Turn(*(statistics.median(column) for column in zip(*taken, strict=True)))
    share = {"share": statistics.median(shares), "share_least": min(shares), "share_most": max(shares)}
    return {"rate": middle.rate, "cpu_us": middle.cpu, "p50_ms": middle.p50, "p99_ms": middle.p99, **share}


def _row(who: str, figures: dict[str, float], least: float | None) -> str:
    mark = "" if least is None else f"  meant to be {least:.2f}: {'ok' if figures['share'] >= least else 'UNDER'}"
    return (f"  {who:<18} {figures['rate']:8,.0f}/s {figures['cpu_us']:9,.1f} µs  {figures['share']:5.2f}"
            f" ({figures['share_least']:.2f} to {figures['share_most']:.2f})"
            f"  p50 {figures['p50_ms']:.2f} ms, p99 {figures['p99_ms']:.2f} ms{mark}")  # fmt: skip
