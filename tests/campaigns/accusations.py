"""1,000 runs of correct tests in virtual time, four busy processes beside them: nobody is taken for blocked.

Its figures say how near they were: the longest row of looks in which one stood still; seven are too many.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.campaigns.reporting import Report, share
from tests.virtual.matrix.calling import ROOT

RUNS, SIDES, BUSY = 1_000, 2, 4
_LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(100_000))"


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Have so many processes beside that want a processor all the time."""
    beside = [subprocess.Popen([sys.executable, "-S", "-c", _LOOP]) for _ in range(count)]
    try:
        yield
    finally:
        for process in beside:
            process.kill()
            process.wait()


def played(runs: int, seed: int) -> dict[str, Any]:
    """Play so many runs, on a few sides at the same time; return what they have found together."""
    line = [sys.executable, "-W", "ignore", "-m", "tests.virtual.accusing"]
    counts = [runs // SIDES + (side < runs % SIDES) for side in range(SIDES)]
    sides = [
        subprocess.Popen([*line, str(count), str(seed * SIDES + side)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for side, count in enumerate(counts) if count
    ]  # fmt: skip
    together: dict[str, Any] = {"runs": 0, "accused": [], "errors": [], "rows": Counter(), "longest": 0, "where": ""}
    for side in sides:
        out, _ = side.communicate()
        if side.returncode:
            together["errors"].append(f"A side ended with {side.returncode}.")
            continue
        found = json.loads(out)
        for name in ("runs", "accused", "errors"):
            together[name] += found[name]
        together["rows"].update(found["rows"])
        if found["longest"] > together["longest"]:
            together.update(longest=found["longest"], where=found["where"])
    return together


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("accusations")
    with busy(BUSY):
        found = played(share(RUNS, fraction), seed)
    for kind in ("accused", "errors"):
        for text in found[kind]:
            report.fail(kind, text)
    rows = ", ".join(f"{looks}: {count}" for looks, count in sorted(found["rows"].items()))
    return report.end(
        f"{found['runs']} runs beside {BUSY} busy processes, {len(found['accused'])} accusations; the longest row of"
        f" looks is {found['longest']} of 7 ({found['where'][:200] or 'none'}); rows by length: {rows or 'none'}"
    )
