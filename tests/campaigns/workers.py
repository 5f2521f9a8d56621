"""400 tests, some of which fail or break rules, end with four workers as they do without workers.

Also, every process collects the same tests of this project in the same order, as workers require.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.campaigns.reporting import Report, progress_bar, scaled

ROOT = Path(__file__).parents[2]
RUNS, TESTS, WORKERS = 20, 400, 4
SAMPLE = """
import time

import httpx
import pytest

JOBS = "/api/search/deep_research"


def poll(http, job, pause):
    while (body := http.get(f"{JOBS}/{job}").json())["status"] not in ("completed", "error", "cancelled"):
        time.sleep(pause)
    return body


@pytest.mark.parametrize("n", range(@TESTS@))
def test_job(clado_mock, n):
    job = clado_mock.play(("usual", "at-once", "full-page", "growing")[n % 4])
    where = {"transport": clado_mock.transport, "base_url": "http://mock"} if n % 3 else {"base_url": clado_mock.url}
    with httpx.Client(headers={"Authorization": "Bearer lk_fixed"}, trust_env=False, **where) as http:
        assert http.get(f"{JOBS}/{job.id}").status_code == 403
    with httpx.Client(headers={"Authorization": f"Bearer {clado_mock.api_key}"}, trust_env=False, **where) as http:
        poll(http, job.id, 0.5 if n % 10 == 0 else 5)
    assert n % 20 != 7
"""


def _run(folder: Path, *args: str) -> tuple[Counter[str], list[str], str]:
    """Run the sample; return the counts of outcomes, the lines of the summary, and the end of the output."""
    off = [word for name in ("schemathesis", "asyncio", "randomly", "socket", "timeout", "cacheprovider")
           for word in ("-p", f"no:{name}")]  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", *off, *args, "test_sample.py"]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False)
    outcomes = Counter({word: int(count) for count, word in re.findall(r"(\d+) (passed|failed|errors?)", done.stdout)})
    rules = sorted(re.findall(r"^ +\d+ [a-z-]+ \(\w+\)", done.stdout, re.MULTILINE))
    return outcomes, rules, done.stdout[-3000:] + done.stderr[-3000:]


def _collected(seed: int) -> list[str]:
    """Return the ids of all tests in order, as a process with this hash seed collects them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider", "tests"]
    env = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("workers")
    runs, tests, workers = scaled(RUNS, fraction), scaled(TESTS, fraction, 40), scaled(WORKERS, fraction, 2)
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_sample.py").write_text(SAMPLE.replace("@TESTS@", str(tests)))
        alone, rules, output = _run(folder)
        all_ran = alone["passed"] + alone["failed"] == tests
        report.check(all_ran and alone["failed"] > 0, "a run without workers", output)
        report.check(len(rules) > 0, "no summary", output)
        for _ in progress_bar(range(runs), "Runs"):
            outcomes, found, output = _run(folder, "-n", str(workers))
            report.check(outcomes == alone, "other results with workers", f"{outcomes} for {alone}: {output}")
            report.check(found == rules, "another summary with workers", f"{found} for {rules}")
    first, second = (_collected(seed) for seed in (1, 2))
    report.check(first == second, "other tests in another process", str({*first} ^ {*second}))
    return report.end(f"{runs} runs of {tests} tests with {workers} workers, {alone['failed']} of them red")
