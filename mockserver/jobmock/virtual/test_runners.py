"""What runs the tests has its stopwatch in the test's own thread: it reads real time, and virtual time leaves it alone.

That holds for its readings of a clock, its alarms, and the threads that it begins itself, such as a timeout's.
"""

from __future__ import annotations

import sys
from functools import cache
from types import FrameType

_ROOTS = frozenset({
    "_pydevd_bundle", "_pytest", "bdb", "coverage", "execnet", "hypothesis", "jobmock", "pdb", "pluggy", "pydevd",
    "pytest", "pytest_jobmock", "pytest_timeout", "time_machine", "xdist",
})  # fmt: skip
"""Roots of modules."""


_CALLS = frozenset({"call_fixture_func", "_teardown_yield_fixture", "pytest_pyfunc_call"})
"""Functions of pytest that call a test or a fixture."""


def called_by_test_runner(depth: int) -> bool:
    """Say whether the caller so many frames above the calling function is part of what runs the tests."""
    return is_test_runner(sys._getframe(depth + 1).f_globals.get("__name__"))


def started_by_test_runner(depth: int) -> bool:
    """Say whether a thread is begun by what runs the tests; the caller so many frames above begins it."""
    frame: FrameType | None = sys._getframe(depth + 1)
    while frame is not None and frame.f_globals.get("__name__") == "threading":
        frame = frame.f_back
    return frame is not None and is_test_runner(frame.f_globals.get("__name__"))


def is_in_pytest(frame: FrameType | None) -> bool:
    """Say whether a thread stands in pytest itself, and neither in a test nor in a fixture."""
    inside = False
    while frame is not None:
        if frame.f_code.co_name in _CALLS and str(frame.f_globals.get("__name__")).startswith("_pytest."):
            return False
        inside = inside or str(frame.f_globals.get("__name__")).startswith("_pytest.")
        frame = frame.f_back
    return inside


def runs_for_test_runner(thread: object) -> bool:
    """Say whether a thread belongs to what runs the tests, or to jobmock, by whose function it runs."""
    functions = [getattr(thread, name, None) for name in ("_target", "function")]
    modules = [getattr(function, "__module__", None) for function in functions]
    return getattr(thread, "outside_virtual_time", False) or any(is_test_runner(module) for module in modules)


def was_started_by_test_runner(frame: FrameType) -> bool:
    """Say whether a thread was begun by what runs the tests, by its outermost frame."""
    while frame.f_back is not None:
        frame = frame.f_back
    return is_test_runner(frame.f_globals.get("__name__"))


@cache
def is_test_runner(module: object) -> bool:
    """Say whether a module is part of what runs the tests; what calls the test's own functions for it is not."""
    return isinstance(module, str) and module.partition(".")[0] in _ROOTS and not module.startswith("jobmock.virtual.")
