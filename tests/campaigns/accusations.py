"""1,000 runs of correct tests in virtual time beside four busy processes: no thread is reported as blocked.

The figures show how near they came: the most samples in a row in which a thread stood still. Seven end a test.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.campaigns.reporting import Report, scaled
from tests.virtual.matrix.command import ROOT

RUNS, WORKERS, BUSY_PROCESSES = 1_000, 2, 4
_LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(100_000))"


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Run so many processes that use a processor all the time, for a `with` block."""
    processes = [subprocess.Popen([sys.executable, "-S", "-c", _LOOP]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def run_parallel(runs: int, seed: int) -> dict[str, Any]:
    """Do so many runs in a few worker processes, and return their results together."""
    line = [sys.executable, "-W", "ignore", "-m", "tests.virtual.accusations"]
    counts = [runs // WORKERS + (number < runs % WORKERS) for number in range(WORKERS)]
    workers = [
        subprocess.Popen([*line, str(count), str(seed * WORKERS + number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for number, count in enumerate(counts) if count
    ]  # fmt: skip
    total: dict[str, Any] = {"runs": 0, "accused": [], "errors": [], "rows": Counter(), "longest": 0, "where": ""}
    for worker in workers:
        out, _ = worker.communicate()
        if worker.returncode:
            total["errors"].append(f"A worker ended with {worker.returncode}.")
            continue
        found = json.loads(out)
        for name in ("runs", "accused", "errors"):
            total[name] += found[name]
        total["rows"].update(found["rows"])
        if found["longest"] > total["longest"]:
            total.update(longest=found["longest"], where=found["where"])
    return total


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("accusations")
    with busy_processes(BUSY_PROCESSES):
        found = run_parallel(scaled(RUNS, fraction), seed)
    for kind in ("accused", "errors"):
        for text in found[kind]:
            report.fail(kind, text)
    rows = ", ".join(f"{length}: {count}" for length, count in sorted(found["rows"].items()))
    nearest = f"the longest row of samples is {found['longest']} of 7 ({found['where'][:200] or 'none'})"
    return report.end(
        f"{found['runs']} runs beside {BUSY_PROCESSES} busy processes, {len(found['accused'])} accusations; {nearest};"
        f" rows by length: {rows or 'none'}"
    )
