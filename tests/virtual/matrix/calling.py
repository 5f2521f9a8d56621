"""Runs the matrix from a process that has threads, and so can't fork: by its command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[3]


def called(command: str, *args: object, seconds: float) -> Any:
    """Return what `python -m tests.virtual.matrix COMMAND` writes as JSON; raises what it said if it writes nothing."""
    with TemporaryDirectory() as folder:
        to = Path(folder) / "found.json"
        line = [sys.executable, "-m", "tests.virtual.matrix", command, *map(str, args), "--json", str(to)]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
        if not to.exists():
            raise RuntimeError(f"{' '.join(line)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return json.loads(to.read_text())


def wrong(cells: list[dict[str, Any]]) -> list[str]:
    """Return the wrong ones of some cells, each in a line."""
    return [
        f"{cell['construct']} @ {cell['place']}: {cell['verdict']}: {cell['detail']}"
        for cell in cells
        if not cell["fine"]
    ]
