"""Clients that are processes of their own: how one that takes too long is ended."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from jobmock.strategies import processes
from jobmock.strategies.scripts import script_plan

TASKKILL = """#!/bin/sh
[ "$1 $2 $3" = "/f /t /pid" ] && kill -9 "-$4"
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="The client is a shell that writes to a named pipe.")
@pytest.mark.parametrize("groups", [True, False], ids=["process groups", "taskkill"])
def test_what_it_started_is_ended_with_it(groups: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that takes too long is killed with its child processes, on every system."""
    if not groups:
        (tmp_path / "taskkill").write_text(TASKKILL)
        (tmp_path / "taskkill").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        monkeypatch.delattr(os, "killpg")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        client = ("sh", "-c", f"(sleep 30; echo done) > '{pipe}' & wait")
        runner = processes.ProcessRunner(client, "clado", speed=1, timeout=1, concurrency=1)
        (run,) = runner.run([script_plan("clado", ())])
        assert run.findings[0].startswith("budget (error): the client was still running after 1 real seconds. ")
        assert select.select([reading], [], [], 20)[0] == [reading], "Its child still holds the pipe."
        assert os.read(reading, 1) == b"", "Its child came to its own end."
    finally:
        os.close(reading)
