"""Distributions with APIs of their own: one that pip has installed, others that are written, and who finds them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import invalidate_caches
from pathlib import Path

from tests.distributions.installed import installed
from tests.support import HANGS

TOAST = installed("toast")
"""The folder in which the distribution `toast-api` is installed. It has the API `toast`."""


def distribute(folder: Path, name: str, apis: Mapping[str, str], code: str = "", version: str = "1.0") -> None:
    """Write a distribution into a folder: its entry points, and a module with this code for each that they name."""
    metadata = folder / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    lines = [f"{api} = {module}" for api, module in apis.items()]
    text = "\n".join(["[console_scripts]", "toaster = toaster:main", "", "[jobmock.apis]", "# its APIs", *lines, ""])
    (metadata / "entry_points.txt").write_text(text)
    for module in apis.values():
        (folder / module).mkdir(exist_ok=True)
        (folder / module / "__init__.py").write_text(code)
    invalidate_caches()


def run_python(*args: str, places: list[Path]) -> subprocess.CompletedProcess[str]:
    """Run Python in a process that finds the distributions in these folders."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
    command = [sys.executable, *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=HANGS, check=False)
