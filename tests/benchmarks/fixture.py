"""What `clado_mock` costs a test: 400 empty tests, and as many of each kind that uses it, in one real run of pytest.

Blocks of each kind alternate, so that all have the same load on the machine. The time of a test includes setup, call,
teardown and reports. No other third-party plugin is loaded.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = 400
LIMITS = {"manual": 0.5, "virtual": 2.0}
"""The most milliseconds that a test's median may be above that of an empty one, for each mode of time."""
_EMPTY = "empty"
_KINDS = (_EMPTY, *(f"{what}_{time}" for time in LIMITS for what in ("taken", "transport", "url")))
_BLOCK = 20

_SAMPLE = """
from types import FunctionType
import pytest

def empty():
    pass

def taken(clado_mock):
    pass

def transport(clado_mock):
    clado_mock.transport

def url(clado_mock):
    clado_mock.url

for block in range({blocks}):
    for kind in {kinds!r}:
        what, _, time = kind.partition("_")
        for number in range({size}):
            same = FunctionType(globals()[what].__code__, globals())
            marked = pytest.mark.jobmock(time=time)(same) if time else same
            globals()[f"test_{{block:03}}_{{kind}}_{{number}}"] = marked
"""

_HOOKS = """
import json, os, time
import pytest

now = [time.perf_counter]  # in a list, where virtual time doesn't replace it
times = {}

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    read = now[0]
    began = read()
    result = yield
    times.setdefault("_".join(item.name.split("_")[2:-1]), []).append((read() - began) * 1000)
    return result

def pytest_sessionfinish():
    with open(os.environ["TIMES"], "w") as file:
        json.dump(times, file)
"""


def times_of_tests() -> dict[str, list[float]]:
    """Run the sample; return the milliseconds of each test, by kind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = _SAMPLE.format(blocks=TESTS // _BLOCK, kinds=_KINDS, size=_BLOCK)
        (folder / "test_sample.py").write_text(sample, encoding="utf-8")
        (folder / "conftest.py").write_text(_HOOKS, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_jobmock.plugin", "-p", "no:cacheprovider"]
        env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TIMES": str(folder / "times.json")}
        env.pop("PYTEST_ADDOPTS", None)
        ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
        if ran.returncode or f"{TESTS * len(_KINDS)} passed" not in ran.stdout:
            raise SystemExit(ran.stdout + ran.stderr)
        found: dict[str, list[float]] = json.loads((folder / "times.json").read_text(encoding="utf-8"))
        return found


def run(rounds: int = 3) -> dict[str, float]:
    """Print the table; return what each kind adds as a share of its limit. Raises SystemExit above it in all rounds."""
    all_times = [times_of_tests() for _ in range(rounds)]
    medians = {kind: [statistics.median(times[kind]) for times in all_times] for kind in _KINDS}
    print(f"{TESTS} tests of each kind, ms a test: the median of {rounds} runs' medians")
    shares = {}
    for kind in _KINDS:
        what, _, time = kind.partition("_")
        mean = statistics.median(statistics.fmean(times[kind]) for times in all_times)
        line = f"{what:<10} {time:<8} median {statistics.median(medians[kind]):.3f}, mean {mean:.3f}"
        if time:
            added = [own - empty for own, empty in zip(medians[kind], medians[_EMPTY], strict=True)]
            middle, best, limit = statistics.median(added), min(added), LIMITS[time]
            shares[kind] = best / limit
            mark = "ok" if middle < limit else "best ok" if best < limit else "OVER"
            line += f"; over the empty test {middle:.3f} (best {best:.3f}), limit {limit}: {mark}"
        print(line)
    if over := [kind for kind, share in shares.items() if share >= 1]:
        raise SystemExit(f"Over the limit in the best run: {', '.join(over)}.")
    return shares
