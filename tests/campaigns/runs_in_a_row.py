"""Runs a client many times in a row: each run ends in the same way, and leaves nothing behind.

`python -m tests.campaigns.runs_in_a_row NUMBER COMMAND…` does so in its own process, so that sockets and threads that
jobmock forgets are still there afterwards. Its last line of output says how many there were before and after.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from tests.campaigns.reporting import Report
from tests.support import HANGS

from jobmock import cli

SCENARIO = "clado/usual"
_MARK = "JOBMOCK_RUNS_IN_A_ROW"


def check_runs_in_a_row(client: str, command: Sequence[str], number: int, report: Report) -> None:
    """Run a client so many times, and report what is left behind, and runs that differ from the first one."""
    mark = uuid4().hex
    with TemporaryDirectory() as temporary:
        env = {**os.environ, _MARK: mark, "TMPDIR": temporary}
        line = [sys.executable, "-m", __name__, str(number), *command, "clado"]
        done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=10 * HANGS, check=False)
        files = sorted(map(str, Path(temporary).rglob("*")))
    *views, held = done.stdout.splitlines()
    before, after = json.loads(held) if done.returncode == 0 else ({}, {})
    report.check(done.returncode == 0, f"{client} fails in a row", done.stderr[-600:])
    report.check(len(views) == number + 1, f"{client} doesn't print in each run", len(views))
    report.check(len(set(views)) == 1, f"{client} sees different things", set(views))
    report.check(len(set(done.stderr.splitlines())) == 1, f"verdicts on {client} differ", done.stderr[-600:])
    report.check(not files, f"{client} leaves files behind", files)
    report.check(before == after, f"runs of {client} leave things open", f"{before}, then {after}")
    report.check(not (left := _marked(mark)), f"{client} leaves processes behind", left)


def _marked(mark: str) -> list[str]:
    """Return the processes whose environment has a mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f"{_MARK}={mark}".encode() in (path / "environ").read_bytes():
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def _held() -> dict[str, int]:
    """Return how many files and sockets, threads and children this process has."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    return {
        "files": len(list(Path("/proc/self").glob("fd/*"))), "threads": threading.active_count(),
        "children": len(children.read_text("ascii").split()) if children.exists() else 0,
    }  # fmt: skip


def _main(number: int, *command: str) -> None:
    """Run a client once, and then so many times more. Exits with the first code that isn't 0."""
    held = []
    for count in (1, number):
        for _ in range(count):
            if code := cli.execute(["run", "--scenario", SCENARIO, "--", *command]):
                sys.exit(code)
        held.append(_held())
    sys.stdout.write(json.dumps(held) + "\n")


if __name__ == "__main__":
    _main(int(sys.argv[1]), *sys.argv[2:])
