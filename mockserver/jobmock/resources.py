"""Finds the data: `jobmock/_data` in an installed wheel, the repository's top level in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def folder(name: str) -> Path:
    """Return the folder `schemas` or `scenarios`."""
    package = Path(__file__).resolve().parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parents[1] / name
