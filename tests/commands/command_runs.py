"""Runs of a client by `jobmock run` in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from tests.support import HANGS

_SEVERAL = re.compile(r"^Run \d+ of \d+: (.*)$", re.MULTILINE)


class CommandRuns(NamedTuple):
    """What `jobmock run` printed and reported, with the real seconds that it took."""

    code: int
    printed: Mapping[str, str]
    """What the client printed, by scenario."""
    runs: Sequence[Mapping[str, Any]]
    """The runs in the JSON report."""
    err: str
    seconds: float


def run_command(
    command: Sequence[str], scenarios: Sequence[str], folder: Path, *options: str, env: Mapping[str, str] | None = None
) -> CommandRuns:
    """Run a client by `jobmock run` in some scenarios. Files are written to a folder."""
    report = folder / "report.json"
    wanted = [text for scenario in scenarios for text in ("--scenario", scenario)]
    line = [sys.executable, "-m", "jobmock", "run", *wanted, "--report", f"json={report}", *options, "--", *command]
    began = perf_counter()
    done = subprocess.run(
        line, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=HANGS, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = perf_counter() - began
    names = _SEVERAL.findall(done.stderr) or scenarios
    printed = dict(zip(names, done.stdout.splitlines(), strict=False))
    runs = json.loads(report.read_text("utf-8"))["runs"] if report.exists() else []
    return CommandRuns(done.returncode, printed, runs, done.stderr, seconds)
