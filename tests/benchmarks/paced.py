"""A real run of pytest whose tests run when they are asked for, so that two runs can take turns.

The module is both ends: `Paced` starts the run, and in it this is a plugin. A test's time is that of its whole run:
set-up, call, teardown and reports. That lies outside of virtual time, so no clock is asked that a test could change.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.processes import Took, queued

_PIPES = "JOBMOCK_PACED"
_CLOCKS = [time.perf_counter, time.process_time]  # in a list, so that they stay real whatever is done to names
_SAMPLES = Path(__file__).parent / "sampled"
_LATE = 30
_failed: list[str] = []


class Paced:
    """One run of pytest by an interpreter that has jobmock, on the tests of one sample."""

    def __init__(self, python: str, env: dict[str, str], sample: str, folder: Path) -> None:
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        self._output = folder / "output.txt"
        words = ["-q", "-p", "jobmock", "-p", __name__, "-p", "no:cacheprovider", "--noconftest"]
        where = ["-c", str(folder / "pytest.ini"), "--rootdir", str(folder), str(_SAMPLES / f"{sample}.py")]
        command = [python, "-m", "pytest", *words, *where]
        asked, ask = os.pipe()
        tell, told = os.pipe()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=folder, env={**env, _PIPES: f"{asked} {told}"}, pass_fds=(asked, told),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        os.close(asked)
        os.close(told)
        self._asks, self._told = os.fdopen(ask, "w"), os.fdopen(tell)

    def __enter__(self) -> Paced:
        return self

    def __exit__(self, *_: object) -> None:
        """Let the run come to its end."""
        with suppress(BrokenPipeError):
            self._asks.close()
        self._told.close()
        self._ended()

    def times(self, name: str, count: int = 1) -> list[Took]:
        """Run one test so many times. Ends with 1 where it fails."""
        with suppress(BrokenPipeError):
            print(json.dumps([name, count]), file=self._asks, flush=True)
        if line := self._told.readline():
            return [Took(*one) for one in json.loads(line)]
        self._ended()
        raise SystemExit(f"{name} can't be measured:\n{self._output.read_text(errors='replace')[-4_000:]}")

    def _ended(self) -> None:
        try:
            self._process.wait(_LATE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_LATE)


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run what is asked for, until nobody asks any more or a test fails: its time is worth nothing."""
    if session.testsfailed:
        return None
    items = {item.name: item for item in session.items}
    asked, told = map(int, os.environ[_PIPES].split())
    with os.fdopen(asked) as asks, os.fdopen(told, "w") as tells:
        for name, count in map(json.loads, asks):
            other = next(item for item in session.items if item is not items[name])
            times = _times(items[name], other, count)
            if _failed:
                break
            print(json.dumps(times), file=tells, flush=True)
    return True


def _times(item: pytest.Item, other: pytest.Item, count: int) -> Sequence[Took]:
    """Run a test; what the session has stays, for pytest is told that another of its tests comes next.

    One that runs alone is spared the garbage of those before. Of many the middle one counts, which has none to clear.
    """
    if count == 1:
        gc.collect()
    return [_took(item, other) for _ in range(count)]


def _took(item: pytest.Item, other: pytest.Item) -> Took:
    stood = queued()
    began = [clock() for clock in _CLOCKS]
    item.ihook.pytest_runtest_protocol(item=item, nextitem=other)
    wall, cpu = ((clock() - since) * 1000 for clock, since in zip(_CLOCKS, began, strict=True))
    return Took(wall, cpu, sum(now - stood.get(thread, 0) for thread, now in queued().items()))


def pytest_runtest_logreport(report: Any) -> None:
    """Notice a test that failed."""
    if report.failed:
        _failed.append(report.nodeid)
