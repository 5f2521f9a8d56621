"""A run of pytest in another process that runs its tests on request, so that two such runs can take turns.

The module is both ends: `RemotePytest` starts the run, and loads the module there as a plugin. The time of a test
includes setup, call, teardown and reports. It is measured outside virtual time, by clocks that no test can change.
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
from tests.benchmarks.processes import Elapsed, queued

_PIPES = "JOBMOCK_REMOTE_PYTEST"
_CLOCKS = [time.perf_counter, time.process_time]  # in a list, where virtual time doesn't replace them
_SAMPLES = Path(__file__).parent / "samples"
_LATE = 30
_failed: list[str] = []


class RemotePytest:
    """One run of pytest by an interpreter that has jobmock, on the tests of one sample."""

    def __init__(self, python: str, env: dict[str, str], sample: str, folder: Path) -> None:
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        self._output = folder / "output.txt"
        words = ["-q", "-p", "jobmock", "-p", __name__, "-p", "no:cacheprovider", "--noconftest"]
        where = ["-c", str(folder / "pytest.ini"), "--rootdir", str(folder), str(_SAMPLES / f"{sample}.py")]
        command = [python, "-m", "pytest", *words, *where]
        request_reader, request_writer = os.pipe()
        result_reader, result_writer = os.pipe()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=folder, env={**env, _PIPES: f"{request_reader} {result_writer}"},
                pass_fds=(request_reader, result_writer), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        os.close(request_reader)
        os.close(result_writer)
        self._requests, self._results = os.fdopen(request_writer, "w"), os.fdopen(result_reader)

    def __enter__(self) -> RemotePytest:
        return self

    def __exit__(self, *_: object) -> None:
        """Let the run end."""
        with suppress(BrokenPipeError):
            self._requests.close()
        self._results.close()
        self._wait_for_end()

    def times(self, name: str, count: int = 1) -> list[Elapsed]:
        """Run one test so many times, and return the times. Raises SystemExit if it fails."""
        with suppress(BrokenPipeError):
            print(json.dumps([name, count]), file=self._requests, flush=True)
        if line := self._results.readline():
            return [Elapsed(*one) for one in json.loads(line)]
        self._wait_for_end()
        raise SystemExit(f"{name} can't be measured:\n{self._output.read_text(errors='replace')[-4_000:]}")

    def _wait_for_end(self) -> None:
        try:
            self._process.wait(_LATE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_LATE)


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the requested tests until there are no more requests, or until a test fails."""
    if session.testsfailed:
        return None
    items = {item.name: item for item in session.items}
    request_reader, result_writer = map(int, os.environ[_PIPES].split())
    with os.fdopen(request_reader) as requests, os.fdopen(result_writer, "w") as results:
        for name, count in map(json.loads, requests):
            other = next(item for item in session.items if item is not items[name])
            times = _times(items[name], other, count)
            if _failed:
                break
            print(json.dumps(times), file=results, flush=True)
    return True


def _times(item: pytest.Item, other: pytest.Item, count: int) -> Sequence[Elapsed]:
    """Run a test so many times. Fixtures of the session stay, because `other` is given as the next test.

    Before a single run, garbage is collected. Of several runs the median counts, in which none is collected.
    """
    if count == 1:
        gc.collect()
    return [_measure(item, other) for _ in range(count)]


def _measure(item: pytest.Item, other: pytest.Item) -> Elapsed:
    queued_before = queued()
    began = [clock() for clock in _CLOCKS]
    item.ihook.pytest_runtest_protocol(item=item, nextitem=other)
    wall, cpu = ((clock() - since) * 1000 for clock, since in zip(_CLOCKS, began, strict=True))
    return Elapsed(wall, cpu, sum(now - queued_before.get(thread, 0) for thread, now in queued().items()))


def pytest_runtest_logreport(report: Any) -> None:
    """Record a failed test."""
    if report.failed:
        _failed.append(report.nodeid)
