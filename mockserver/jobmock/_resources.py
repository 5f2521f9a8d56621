"""Finds the data: `jobmock/_data` in an installed wheel, the repository's top level in a checkout."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def folder(name: str) -> Path:
    """Return the folder `schemas` or `scenarios`."""
    package = Path(__file__).resolve().parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parents[1] / name


@cache
def package_version() -> str:
    """Return the installed version, or `0+source` where the package was never installed."""
    try:
        return version("jobmock")
    except PackageNotFoundError:
        return "0+source"
