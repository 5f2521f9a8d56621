"""Packages that `new-api` writes: the command in a process, the package as `pip` installs it, and its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import HANGS

OFFLINE = ("--no-deps", "--no-build-isolation", "--no-index")
"""What lets `pip` install a package without any network."""


def run(*command: object, cwd: Path, site: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a module of Python in a folder. It finds the distributions that are installed in `site`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    env = {**kept, "NO_COLOR": "1", **({"PYTHONPATH": str(site)} if site else {})}
    line = [sys.executable, "-m", *map(str, command)]
    return subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, timeout=HANGS, check=False)


def write(place: Path, name: str, *options: object) -> tuple[Path, str]:
    """Run `jobmock new-api` in a folder. Return the package's folder and what the command printed."""
    ran = run("jobmock", "new-api", name, *options, cwd=place)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return place / f"jobmock-{name}", ran.stdout


def install(package: Path) -> Path:
    """Install a package with `pip`; return the folder where it is installed now."""
    site = package.parent / "site"
    ran = run("pip", "install", "-q", *OFFLINE, "--target", site, package, cwd=package)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return site


def check(package: Path) -> Path:
    """Install a package, lint it and run its tests. Return the folder where it is installed."""
    site = install(package)
    tested = run("pytest", "-q", "-p", "no:cacheprovider", cwd=package, site=site)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    linted = run("jobmock", "lint", "--strict", "--api", package.name.partition("-")[2], cwd=package, site=site)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    return site
