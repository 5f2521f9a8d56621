"""The latency of a pending poll with 1, 16 and 256 connections: jobmock and a bare Starlette in turns."""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.benchmarks import cases, load, subjects
from tests.benchmarks.cases import CASES
from tests.benchmarks.subjects import OWN
from tests.campaigns.reporting import progress_bar

CONNECTIONS = (1, 16, 256)
MOST = 1.6
"""The most that jobmock's p99 with 16 connections may be, as a multiple of Starlette's."""
_BASE = "Starlette"
Taken = dict[tuple[int, str], list[load.Load]]


def run(rounds: int = 7, seconds: float = 2.0) -> dict[str, Any]:
    """Print and return p50 and p99. Raises SystemExit if p99 with 16 connections is above the limit in all rounds."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, wanted, case = Path(name), subjects.subjects(), CASES[0]
        own = stack.enter_context(subjects.running(wanted[OWN], folder))
        cases.write_answers(cases.prepare(own.url), folder)
        servers = {_BASE: stack.enter_context(subjects.running(wanted[_BASE], folder)), OWN: own}
        taken: Taken = {(count, who): [] for count in CONNECTIONS for who in servers}
        for turn, (count, who) in progress_bar([(turn, key) for turn in range(rounds + 1) for key in taken], "latency"):
            found = load.measure(servers[who].url + case.target, case.headers, seconds if turn else 1, count)
            if turn:  # the first one warms up
                taken[count, who].append(found)
    for (count, who), loads in taken.items():
        middle = [statistics.median(getattr(one, name) for one in loads) for name in ("p50", "p99")]
        print(f"{count:4} connections  {who:<10} p50 {middle[0]:6.2f} ms, p99 {middle[1]:6.2f} ms")
    ratios = [own.p99 / base.p99 for own, base in zip(taken[16, OWN], taken[16, _BASE], strict=True)]
    print(f"p99 with 16: {statistics.median(ratios):.2f} times {_BASE}'s ({min(ratios):.2f} to {max(ratios):.2f})")
    if min(ratios) > MOST:
        raise SystemExit(f"p99 with 16 connections is more than {MOST} times {_BASE}'s.")
    figures = {f"{who}, {count}": [one._asdict() for one in loads] for (count, who), loads in taken.items()}
    return {"loads": figures, "ratios": {f"{_BASE}'s p99 of jobmock's, 16": 1 / statistics.median(ratios)}}
