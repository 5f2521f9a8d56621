"""The tools that run the tests use real time, even in the test's own thread: virtual time doesn't reach them.

This holds for their clock readings, their alarms, and the threads that they start, such as a timeout's.
"""

from __future__ import annotations

import sys
from functools import cache
from types import FrameType

_PACKAGES = frozenset({
    "_pydevd_bundle", "_pytest", "bdb", "coverage", "execnet", "hypothesis", "jobmock", "pdb", "pluggy", "pydevd",
    "pytest", "pytest_jobmock", "pytest_timeout", "time_machine", "xdist",
})  # fmt: skip
"""The top-level packages of test runners, their plugins and debuggers."""
_STARTING = frozenset({"pytest_jobmock.mocks.intercept.net", "pytest_jobmock.mocks.intercept.owners", "threading"})
"""The modules between a new thread and the caller who starts it; two replace `Thread.start`."""
_PYTEST_CALLERS = frozenset({"call_fixture_func", "_teardown_yield_fixture", "pytest_pyfunc_call"})
"""Functions of pytest that call a test or a fixture."""


def called_by_test_runner(depth: int) -> bool:
    """Return whether the caller so many frames above the calling function belongs to a test runner."""
    return is_test_runner(sys._getframe(depth + 1).f_globals.get("__name__"))


def started_by_test_runner(depth: int) -> bool:
    """Return whether a test runner starts a thread; the caller so many frames above starts it."""
    frame: FrameType | None = sys._getframe(depth + 1)
    while frame is not None and frame.f_globals.get("__name__") in _STARTING:
        frame = frame.f_back
    return frame is not None and is_test_runner(frame.f_globals.get("__name__"))


def is_in_pytest(frame: FrameType | None) -> bool:
    """Return whether a thread is in pytest itself, and neither in a test nor in a fixture."""
    inside = False
    while frame is not None:
        if frame.f_code.co_name in _PYTEST_CALLERS and str(frame.f_globals.get("__name__")).startswith("_pytest."):
            return False
        inside = inside or str(frame.f_globals.get("__name__")).startswith("_pytest.")
        frame = frame.f_back
    return inside


def runs_for_test_runner(thread: object) -> bool:
    """Return whether a thread runs a function of a test runner or of jobmock."""
    functions = [getattr(thread, name, None) for name in ("_target", "function")]
    modules = [getattr(function, "__module__", None) for function in functions]
    return getattr(thread, "outside_virtual_time", False) or any(is_test_runner(module) for module in modules)


def was_started_by_test_runner(frame: FrameType) -> bool:
    """Return whether a test runner has started a thread, by its outermost frame."""
    while frame.f_back is not None:
        frame = frame.f_back
    return is_test_runner(frame.f_globals.get("__name__"))


@cache
def is_test_runner(module: object) -> bool:
    """Return whether a module belongs to a test runner, except the modules here that call the test's own functions."""
    if not isinstance(module, str) or module.startswith("jobmock.virtual."):
        return False
    return module.partition(".")[0] in _PACKAGES
