"""Installs the distributions of this folder as a user would, each into a folder of its own. Each has an API or more."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from functools import cache
from pathlib import Path

from tests.support import HANGS

SOURCES = Path(__file__).parent
_INSTALLED = SOURCES.parents[1] / ".pytest_cache" / "distributions"
"""Folders with the installed distributions, named by their content. They stay there for the next run of the tests."""
_PIP = ("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation", "--no-compile")


def distributions() -> list[str]:
    """Return the names of the folders with distributions, sorted."""
    return sorted(path.parent.name for path in SOURCES.glob("*/pyproject.toml"))


def apis_of(distribution: str) -> list[str]:
    """Return the names of the APIs that a distribution has, by its entry points."""
    project = tomllib.loads((SOURCES / distribution / "pyproject.toml").read_text("utf-8"))["project"]
    return sorted(project["entry-points"]["jobmock.apis"])


@cache
def installed(distribution: str) -> Path:
    """Return the folder of an installed distribution. One process installs it, and others wait for that."""
    source = SOURCES / distribution
    folder = _INSTALLED / distribution / _digest(source)
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(_INSTALLED / "lock", timeout=HANGS, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")  # SQLite has the only lock between processes that each system knows
        if not folder.exists():
            _install(source, folder)
    return folder


def _digest(source: Path) -> str:
    """Return a digest of all files of a distribution, but for bytecode."""
    digest = hashlib.sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        digest.update(f"{path.relative_to(source)}\n".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _install(source: Path, folder: Path) -> None:
    """Install a distribution with pip in place of its earlier versions, so that a folder which is there is whole."""
    partial = folder.with_suffix(".partial")
    shutil.rmtree(folder.parent, ignore_errors=True)
    line = [sys.executable, *_PIP, "--disable-pip-version-check", "--target", str(partial), str(source)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, f"pip can't install {source.name}:\n{done.stdout}{done.stderr}"
    partial.rename(folder)
