"""A Dask cluster of processes on this machine, in the environment that JOBMOCK_CLUSTER_PYTHON names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from tests.support import HANGS, CommandResult

_SCRIPT = Path(__file__).with_name("local_cluster.py")
PYTHON = os.environ.get("JOBMOCK_CLUSTER_PYTHON", sys.executable)
"""An interpreter that has jobmock[cluster]."""


class Cluster:
    """A running cluster, and commands that use it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address: str = self._line()

    def kill_a_worker(self) -> None:
        """End a worker, as a machine that breaks down does. Dask starts another one in its place."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self._line()

    def kill(self) -> None:
        """End the scheduler."""
        self._process.kill()

    def run(self, command: str, *args: object) -> CommandResult:
        """Run `jobmock COMMAND ARGS --cluster` in a process of its own."""
        return run_jobmock(command, *args, "--cluster", self.address)

    def _line(self) -> str:
        assert self._process.stdout is not None
        return str(json.loads(self._process.stdout.readline()))


def run_jobmock(*args: object) -> CommandResult:
    """Run `jobmock ARGS` where Dask is installed."""
    words = [PYTHON, "-m", "jobmock", *map(str, args)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=HANGS, check=False)
    return CommandResult(done.returncode, done.stdout, done.stderr)


@cache
def has_dask() -> bool:
    """Return whether the interpreter has Dask."""
    code = "import distributed, fsspec, aiohttp, jobmock"
    return subprocess.run([PYTHON, "-c", code], capture_output=True, timeout=HANGS, check=False).returncode == 0


@contextmanager
def started(workers: int, *, spills: bool = False) -> Iterator[Cluster]:
    """Start a cluster, and end it after the block."""
    words = [PYTHON, str(_SCRIPT), str(workers), "spills" if spills else "keeps"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Cluster(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(HANGS)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of two workers, which write nothing to disk. Dask is never idle, so it ends early."""
    if not has_dask():
        pytest.skip("There is no Dask (jobmock[cluster]). JOBMOCK_CLUSTER_PYTHON may name an interpreter that has it.")
    with started(2) as running:
        yield running
