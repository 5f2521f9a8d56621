"""`jobmock run` that is killed: nothing of its command runs on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support import HANGS

from jobmock.linux_processes import has_variable, process_of, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux reports all that a process has started.")
MARK = "TEST_OF_JOBMOCK"
INNER = f"exec {sys.executable} -m jobmock run --time real -- sh -c 'touch $BEGAN; exec sleep 300'"
COMMANDS = {
    "a command": "touch $BEGAN; sleep 300",
    "in the background": "sleep 300 & touch $BEGAN; wait",
    "a session of its own": "setsid sh -c 'touch $BEGAN; exec sleep 300'",
    "deaf to SIGTERM": "trap '' TERM; touch $BEGAN; sleep 300; sleep 300",
    "a stopped one": "touch $BEGAN; kill -STOP $$",
    "a run in the run": INNER,
}


@pytest.mark.parametrize("script", COMMANDS.values(), ids=COMMANDS)
def test_killed_run_leaves_nothing(script: str, tmp_path: Path) -> None:
    """SIGKILL to `jobmock run` ends its command and all that the command has started, within seconds."""
    began = tmp_path / "began"
    environment = {**os.environ, MARK: str(tmp_path), "BEGAN": str(began)}
    line = (sys.executable, "-m", "jobmock", "run", "--time", "real", "--", "sh", "-c", script)
    with subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL) as run:
        _await(began.exists)
        run.kill()
        assert run.wait(HANGS) == -signal.SIGKILL
    _await(lambda: not _left(tmp_path))


def test_guard_ends_with_the_run(tmp_path: Path) -> None:
    """A run that ends by itself leaves no guard, even if the guard itself was ended before."""
    environment = {**os.environ, MARK: str(tmp_path)}
    find = "for guard in $(ps -o pid= --ppid $PPID); do test $guard = $$ || kill -9 $guard; done; exit 5"
    line = (sys.executable, "-m", "jobmock", "run", "--time", "real", "--", "sh", "-c", find)
    done = subprocess.run(line, env=environment, stdin=subprocess.DEVNULL, check=False, timeout=HANGS)
    assert (done.returncode, _left(tmp_path)) == (5, [])


def _left(folder: Path) -> list[int]:
    """Return the processes of a test that still run."""
    return [one.pid for one in processes() if has_variable(one.pid, MARK, str(folder)) and process_of(one.pid)]


def _await(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
