"""`jobmock check` on 10,000 recorded exchanges with pages of 25 people: its time, and its memory for two file sizes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support import JOBS, Mock, json_of

from jobmock.catalogue import Catalogue
from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service

EXCHANGES = 10_000
MOST_SECONDS = 20
MOST_GROWTH = 1.15
"""The most memory for the large file, as a multiple of that for a file of a fifth of its size."""
_PAGES = 40
_SCENARIO = {"version": 1, "api": "clado", "progression": [{"status": "completed"}]}
_CHILD = """
import resource, sys
from jobmock.cli import execute
code = execute(["check", sys.argv[1], "--format", "json", "--fail-on", "never"])
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_maxrss, used.ru_utime + used.ru_stime, file=sys.stderr)
raise SystemExit(code)
"""


def exchanges(count: int, *, people: int = 25, changed: bool = False) -> Iterator[LiveExchange]:
    """Yield the pages of one job after another. All jobs have the same bodies but for the job's id.

    With `changed`, every record has a new name for a required member.
    """
    mock = Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock("manual"))))
    job = mock.play("clado", {**_SCENARIO, "results": {"count": people * _PAGES}})
    queries = [f"page={page}&page_size={people}" for page in range(1, _PAGES + 1)]
    bodies = [mock.poll("clado", job, query=query).body for query in queries]
    if changed:
        bodies = [body.replace(b'"headline":', b'"caption":') for body in bodies]
    assert len(json_of(mock.poll("clado", job, query=queries[-1]))["results"]) == people
    for number in range(count):
        name, page = f"job-{number // _PAGES}", number % _PAGES
        yield LiveExchange(
            at=number, method="GET", path=f"{JOBS['clado']}/{name}", query=queries[page], status=200,
            headers={"content-type": "application/json"}, body=bodies[page].replace(job.encode(), name.encode()),
        )  # fmt: skip


class CheckCost(NamedTuple):
    """The cost of a check: real seconds, processor seconds, peak memory and file size in MiB."""

    seconds: float
    processor: float
    peak: float
    size: float


def recording(folder: Path, count: int, changed: bool) -> Path:
    """Write so many exchanges into a file."""
    path = folder / f"{count}.jsonl"
    with path.open("wb") as file:
        file.writelines(map(to_line, exchanges(count, changed=changed)))
    return path


def check_command(python: str, path: Path, env: dict[str, str]) -> float:
    """Check a file in another process; return its seconds of the processor."""
    command = [python, "-c", _CHILD, str(path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=300)
    return float(done.stderr.split()[-1])


def check(count: int, folder: Path, *, changed: bool = False) -> CheckCost:
    """Check a recording of so many exchanges in another process."""
    path = recording(folder, count, changed)
    size = path.stat().st_size / 2**20
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _CHILD, path], capture_output=True, text=True, check=True, timeout=300)
    spent = time.perf_counter() - began
    path.unlink()
    report = json.loads(done.stdout)
    assert report["judged"] == {"clado status": count}, report["judged"]
    rows = [(row["rule"], row["count"]) for row in report["violations"]]
    assert rows == ([("member-missing", 25 * count), ("member-new", 25 * count)] if changed else []), rows
    peak, processor = done.stderr.split()
    return CheckCost(spent, float(processor), int(peak) / 1024, size)


def run(count: int = EXCHANGES) -> dict[str, float]:
    """Print and return time and memory. Raises SystemExit above the limits."""
    with tempfile.TemporaryDirectory() as folder:
        small = check(count // 5, Path(folder))
        large = check(count, Path(folder))
        worst = check(count // 5, Path(folder), changed=True)
    for exchanges, spent, what in ((count // 5, small, ""), (count, large, ""), (count // 5, worst, ", all changed")):
        took = f"{spent.seconds:5.1f} s ({spent.processor:.1f} s of the processor)"
        print(f"{exchanges:>7,} exchanges, {spent.size:4.0f} MiB  {took}  peak {spent.peak:4.0f} MiB{what}")
    if large.seconds >= MOST_SECONDS or large.peak > MOST_GROWTH * small.peak:
        raise SystemExit(f"It takes {MOST_SECONDS} s or more, or its memory grows with the file.")
    return {"seconds": large.seconds, "growth of memory": large.peak / small.peak}
