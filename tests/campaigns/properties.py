"""All properties and long tables of the tests, with all their examples and rows; the tests try a part of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.support import WHOLE

ROOT = Path(__file__).parents[2]
_USED = re.compile(r"\b(examples|some|part)\(")


def files() -> list[Path]:
    """Return the test files with such properties or tables."""
    return [path for path in sorted(ROOT.glob("tests/**/test_*.py")) if _USED.search(path.read_text("utf-8"))]


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, every = Report("properties"), files()
    chosen = every[: scaled(len(every), fraction)]
    for path in progress_bar(chosen, "Files"):
        options = ["-q", "-n", "0", "--tb=short", f"--hypothesis-seed={seed}"]
        command = [sys.executable, "-m", "pytest", *options, str(path)]
        env = {**os.environ, WHOLE: "1"}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        report.check(done.returncode == 0, f"{path.name} is red", done.stdout[-3000:])
    return report.end(f"{len(chosen)} files")
