"""Finds the data folders: in `jobmock/_data` of an installed wheel, or at the top level of a checkout.

Also finds files of the package that are data.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def folder(name: str) -> Path:
    """Return the folder `schemas` or `scenarios`."""
    package = Path(__file__).resolve().parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parents[1] / name


def package_file(name: str) -> Path:
    """Return a file or folder of this package that isn't a module, by its path in the package."""
    return Path(__file__).resolve().parent / name
