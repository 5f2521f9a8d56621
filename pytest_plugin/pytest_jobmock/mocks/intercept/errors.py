"""The error of a call that is refused, and the text that says who made the call."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType

from jobmock.errors import JobmockError
from jobmock.virtual.locations import user_frame

_PLUMBING = frozenset({
    "_socket", "asyncio", "concurrent", "contextlib", "contextvars", "functools", "jobmock", "outcome",
    "pytest_jobmock", "selectors", "socket", "ssl", "threading", "uvloop",
})  # fmt: skip
"""Packages between a library and a socket, which say nothing about who made a call."""


class HostRefused(JobmockError, AssertionError):
    """A client under `intercept` called a host that is neither the mocked one, nor allowed, nor loopback."""


def caller() -> str:
    """Return which libraries made the current call, and the line of the test or client that called them."""
    frame = user_frame(sys._getframe(1))
    names = list(dict.fromkeys(_libraries(sys._getframe(1), frame)))
    library = f" by {names.pop()}" if names else ""
    through = f" (through {', '.join(reversed(names))})" if names else ""
    line = "" if frame is None else f" at {frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}"
    return library + through + line


def _libraries(frame: FrameType | None, end: FrameType | None) -> Iterator[str]:
    """Yield the names of the libraries of a frame, of its caller, and so on, until the frame `end`."""
    while frame is not None and frame is not end:
        module = str(frame.f_globals.get("__name__", ""))
        package = module.partition(".")[0]
        if package not in _PLUMBING:
            yield module if package in sys.stdlib_module_names else package
        frame = frame.f_back
