"""`jobmock check --jobs 2` on one recording, compared with two checks of its halves that run at once.

They take turns, A B B A, and each ratio is that of one pair. The peak memory is that of the largest process.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.check import EXCHANGES, exchanges
from tests.benchmarks.intervals import interval

from jobmock.checking.exchange import to_line

LEAST_SPEED = 0.9
"""The least speed, as a share of that of two checks of the halves."""
MOST_MEMORY = 1.2
"""The most peak memory of each process, as a multiple of that of one process that checks everything."""
_ROUNDS = 6
CHILD = """
import resource, sys
from jobmock.cli import execute
code = execute(["check", *sys.argv[1:], "--format", "json", "--fail-on", "never"])
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(max(one.ru_maxrss for one in used), sum(one.ru_utime + one.ru_stime for one in used), file=sys.stderr)
raise SystemExit(code)
"""


class Cost(NamedTuple):
    """Real seconds, those of the processor, and the peak memory of the largest process in MiB."""

    seconds: float
    processor: float
    peak: float


def checks_at_once(*commands: Sequence[object]) -> Cost:
    """Run checks at once, and return their cost."""
    began = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-c", CHILD, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for args in commands
    ]
    ended = [process.communicate(timeout=3600)[1] for process in running]
    seconds = time.perf_counter() - began
    assert all(process.returncode == 0 for process in running), ended
    used = [err.split() for err in ended]
    return Cost(seconds, sum(float(one[1]) for one in used), max(int(one[0]) for one in used) / 1024)


def write_recording(path: Path, count: int) -> list[Path]:
    """Write a recording and its halves; return the halves."""
    halves = [path.with_suffix(f".{number}.jsonl") for number in (1, 2)]
    with path.open("wb") as whole, halves[0].open("wb") as first, halves[1].open("wb") as second:
        for number, exchange in enumerate(exchanges(count)):
            line = to_line(exchange)
            whole.write(line)
            (first if number < count // 2 else second).write(line)
    return halves


def run(count: int = EXCHANGES, rounds: int = _ROUNDS) -> dict[str, float]:
    """Print and return speed and memory. Raises SystemExit beyond the limits."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.jsonl"
        halves = write_recording(whole, count)
        one = checks_at_once([whole, "--jobs", 1])
        pairs = []
        for number in range(rounds):
            turns = {"halves": [[half, "--jobs", 1] for half in halves], "jobs": [[whole, "--jobs", 2]]}
            order = ("halves", "jobs") if number % 2 == 0 else ("jobs", "halves")
            cost = {name: checks_at_once(*turns[name]) for name in order}
            pairs.append((cost["halves"], cost["jobs"]))
    speed = interval([halves.seconds / jobs.seconds for halves, jobs in pairs])
    peak = max(jobs.peak for _, jobs in pairs)
    half, two = (statistics.median(cost.seconds for cost in costs) for costs in zip(*pairs, strict=True))
    print(f"{count:,} exchanges: one process {one.seconds:.1f} s, peak {one.peak:.0f} MiB; two checks of the halves"
          f" {half:.1f} s; --jobs 2 {two:.1f} s, peak {peak:.0f} MiB")  # fmt: skip
    print(f"speed of --jobs 2, halves = 1: {speed}, limit {LEAST_SPEED}; memory, one = 1: {peak / one.peak:.2f}")
    if speed.high < LEAST_SPEED or peak > MOST_MEMORY * one.peak:
        raise SystemExit("--jobs 2 is too slow, or needs too much memory.")
    return {"speed": speed.median, "memory": peak / one.peak}
