"""What counting coverage adds to a run of 400 tests: processor time of pairs of runs, with the option and without."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from tests.benchmarks import trees
from tests.benchmarks.intervals import interval

MOST = 1.02
"""The most that a run may take with the option, as a multiple of the run without it."""
_TESTS, _TRIES = 400, 3
_COUNTING = ("--jobmock-coverage", "--jobmock-coverage-report=json:coverage.json", "--jobmock-coverage-report=text")
_FILE = f"""
import time

import httpx
import pytest

JOBS = "/api/search/deep_research"
SCENARIOS = ("usual", "two-pages", "rate-limited-once", "full-page", "job-error", "growing", "unavailable-once")


@pytest.mark.parametrize("number", range({_TESTS}))
def test_poll(clado_mock, number):
    job = clado_mock.play(SCENARIOS[number % len(SCENARIOS)]).id
    headers = {{"Authorization": f"Bearer {{clado_mock.api_key}}"}}
    with httpx.Client(transport=clado_mock.transport, base_url="http://mock", headers=headers) as client:
        while True:
            answer = client.get(f"{{JOBS}}/{{job}}", params={{"page": 1}})
            if answer.status_code == 200 and answer.json()["status"] in ("completed", "error"):
                break
            time.sleep(float(answer.headers.get("retry-after", 5)))
"""


def run(rounds: int = 8) -> dict[str, float]:
    """Print and return how many times as long a run takes. Raises SystemExit above the limit."""
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "test_polls.py").write_text(_FILE, encoding="utf-8")
        _seconds(Path(name))  # the first one compiles
        for turn in range(rounds):
            without, counting = _best(Path(name), turn)
            ratios.append(counting / without)
            print(f"{without:.3f} s without, {counting:.3f} s with it: {ratios[-1]:.3f}", flush=True)
    found = interval(ratios)
    print(f"counting takes {found} times as long, {rounds} rounds of {_TESTS} tests, limit {MOST}")
    if found.low > MOST:
        raise SystemExit(f"Counting coverage takes more than {MOST} times as long.")
    return {"with coverage, of without": round(statistics.median(ratios), 4)}


def _best(folder: Path, turn: int) -> tuple[float, float]:
    """Return the best times of some runs without and with the option, which take turns.

    On a busy machine, single runs differ by more than counting adds.
    """
    taken: dict[tuple[str, ...], list[float]] = {(): [], _COUNTING: []}
    for number in range(2 * _TRIES):
        flags = _COUNTING if (turn + number) % 2 else ()
        taken[flags].append(_seconds(folder, *flags))
    return min(taken[()]), min(taken[_COUNTING])


def _seconds(folder: Path, *flags: str) -> float:
    """Run the tests in another process, and return its processor time."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "jobmock", "-p", "no:cacheprovider", *flags]
    env = {**trees.environment(trees.ROOT), "PYTHONHASHSEED": "0"}
    before = getrusage(RUSAGE_CHILDREN)
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    after = getrusage(RUSAGE_CHILDREN)
    if ran.returncode or f"{_TESTS} passed" not in ran.stdout:
        raise SystemExit(ran.stdout + ran.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
