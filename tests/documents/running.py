"""Runs the commands of the documents, with servers on free ports in place of the usual ones and of the real APIs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.free_ports import free_port
from tests.support import HANGS

_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
_NEXT = "# next block"


def run(script: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a shell script with this environment's commands first on the path; return what it printed."""
    missing = [tool for tool in ("bash", "curl") if tool in f"bash {script}" and not shutil.which(tool)]
    if missing:
        pytest.skip(f"There is no {' and no '.join(missing)} here.")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=cwd, timeout=HANGS, check=False, capture_output=True, text=True,
        env={**os.environ, "PATH": _PATH, "NO_COLOR": "1", **(env or {})},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_blocks(blocks: list[str], cwd: Path, *, last: str = "", **replaced: str) -> list[str]:
    """Run blocks one after another, with the server of the first on a free port; return what each of them printed.

    `last` is a command for the end, whose output comes last; each keyword of `replaced` is a text of the blocks.
    """
    script = f"\necho; echo '{_NEXT}'\n".join([*blocks, last])
    return run(f"trap 'kill $(jobs -p)' EXIT\n{on_free_ports(script)}", cwd, replaced).split(_NEXT)


def on_free_ports(script: str) -> str:
    """Return the script with a free port for each of 8087, 8088, 8089 and 8443."""
    for port in re.findall(r"\b(?:808[789]|8443)\b", script):
        script = script.replace(port, str(free_port()))
    return script
