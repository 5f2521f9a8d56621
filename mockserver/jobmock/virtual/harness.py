"""What runs the tests has its stopwatch in the test's own thread: it reads real time, and virtual time leaves it alone.

That holds for readings of a clock, and for nothing else.
"""

from __future__ import annotations

import sys

_ROOTS = frozenset({
    "_pydevd_bundle", "_pytest", "bdb", "coverage", "execnet", "hypothesis", "pdb", "pluggy", "pydevd", "pytest",
    "pytest_timeout", "time_machine", "xdist",
})  # fmt: skip
"""Roots of modules."""


def asked_by_harness(depth: int) -> bool:
    """Say whether the caller so many frames above the calling function is part of what runs the tests."""
    return of_harness(sys._getframe(depth + 1).f_globals.get("__name__"))


def of_harness(module: object) -> bool:
    """Say whether a module is part of what runs the tests."""
    return isinstance(module, str) and module.partition(".")[0] in _ROOTS
