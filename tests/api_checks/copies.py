"""Copies of the package of toast, and the command that checks the API in one."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import copytree, ignore_patterns

from tests.apis.distributions import TOAST, run_python


def copy_of_toast(folder: Path) -> Path:
    """Copy the distribution into a folder, and return the package in it."""
    copytree(TOAST, folder / "toast", ignore=ignore_patterns("__pycache__"))
    return folder / "toast" / "toast_api"


def lint(package: Path, *more: str, api: str = "toast") -> subprocess.CompletedProcess[str]:
    """Run `jobmock lint --api toast` in a process that finds a package."""
    return run_python("-m", "jobmock", "lint", "--api", api, *more, places=[package.parent])
