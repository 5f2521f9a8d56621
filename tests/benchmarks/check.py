"""`jobmock check` over 10,000 recorded exchanges with pages of 25 people: time, and memory for two sizes of file."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support import JOBS, Mock, json_of

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.live.exchange import LiveExchange, to_line
from jobmock.namespace import Namespaces
from jobmock.service import Service

EXCHANGES = 10_000
MOST_SECONDS = 20
MOST_GROWTH = 1.15
"""Of the memory, from the small file to the one that is five times as large."""
_PAGES = 40
_SCENARIO = {
    "version": 1, "api": "clado", "results": {"count": 25 * _PAGES}, "progression": [{"status": "completed"}],
}  # fmt: skip
_CHILD = """
import resource, sys
from jobmock.cli import run
code = run(["check", sys.argv[1], "--format", "json"])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
raise SystemExit(code)
"""


def _exchanges(count: int) -> Iterator[LiveExchange]:
    """Yield pages of one job after another; they are drawn once, for the jobs differ by their names alone."""
    mock = Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock("manual"))))
    job = mock.play("clado", _SCENARIO)
    queries = [f"page={page}&page_size=25" for page in range(1, _PAGES + 1)]
    bodies = [mock.poll("clado", job, query=query).body for query in queries]
    assert len(json_of(mock.poll("clado", job, query=queries[-1]))["results"]) == 25
    for number in range(count):
        name, page = f"job-{number // _PAGES}", number % _PAGES
        yield LiveExchange(
            at=number, method="GET", path=f"{JOBS['clado']}/{name}", query=queries[page], status=200,
            headers={"content-type": "application/json"}, body=bodies[page].replace(job.encode(), name.encode()),
        )  # fmt: skip


def check(count: int, folder: Path) -> tuple[float, float, float]:
    """Check a recording of so many exchanges in a process of its own; return seconds, peak MiB, and the file's MiB."""
    path = folder / f"{count}.jsonl"
    with path.open("wb") as file:
        file.writelines(map(to_line, _exchanges(count)))
    size = path.stat().st_size / 2**20
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _CHILD, path], capture_output=True, text=True, check=True, timeout=300)
    spent = time.perf_counter() - began
    path.unlink()
    report = json.loads(done.stdout)
    assert report["judged"] == {"clado status": count}, report["judged"]
    assert report["violations"] == [], report["violations"]
    return spent, int(done.stderr) / 1024, size


def run(count: int = EXCHANGES) -> dict[str, float]:
    """Print and return time and memory. Ends with 1 above what is allowed."""
    with tempfile.TemporaryDirectory() as folder:
        small = check(count // 5, Path(folder))
        large = check(count, Path(folder))
    for exchanges, (seconds, memory, size) in ((count // 5, small), (count, large)):
        print(f"{exchanges:>7,} exchanges, {size:4.0f} MiB  {seconds:5.1f} s  peak {memory:4.0f} MiB")
    if large[0] >= MOST_SECONDS or large[1] > MOST_GROWTH * small[1]:
        raise SystemExit(f"It takes {MOST_SECONDS} s or more, or its memory grows with the file.")
    return {"seconds": large[0], "growth of memory": large[1] / small[1]}
