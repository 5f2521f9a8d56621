"""The API of long operations, as a user's distribution has it: its client's tests, in a process that finds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.apis.distributions import run_python
from tests.support import HANGS

SOURCE = Path(__file__).parent / "long_operations"
_PIP = ("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the installed distribution."""
    folder = tmp_path_factory.mktemp("installed")
    line = [sys.executable, *_PIP, "--disable-pip-version-check", "--target", str(folder), str(SOURCE)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_client(place: Path, tmp_path: Path) -> None:
    """The tests of its client pass."""
    args = ("-q", "-n", "0", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "child"))
    ran = run_python("-m", "pytest", *args, str(SOURCE / "client_tests.py"), places=[place])
    assert ran.returncode == 0, ran.stdout + ran.stderr
