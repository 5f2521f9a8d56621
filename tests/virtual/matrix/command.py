"""Run the matrix by its command, from a process that has threads and so can't fork."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[3]


def run_command(command: str, *args: object, seconds: float) -> Any:
    """Run `python -m tests.virtual.matrix COMMAND`; return its JSON results. Raises RuntimeError if there are none."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        line = [sys.executable, "-m", "tests.virtual.matrix", command, *map(str, args), "--json", str(path)]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
        if not path.exists():
            raise RuntimeError(f"{' '.join(line)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return json.loads(path.read_text())


def wrong_cells(cells: list[dict[str, Any]]) -> list[str]:
    """Return a line for each cell whose verdict is wrong."""
    return [
        f"{cell['construct']} @ {cell['place']}: {cell['verdict']}: {cell['detail']}"
        for cell in cells
        if not cell["fine"]
    ]
