"""The error that stops a client that runs for too long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest


class DeadlineExceeded(BaseException):
    """Raised in the calls of a client that runs for too long. It is no Exception, so that few clients catch it."""

    message = ""
    """Why the client is stopped, and what to do about it."""
    on_release: ClassVar[Callable[[], None] | None] = None
    """Called where an error was caught and has just been released, which Python does at the end of the handler."""

    def __init__(self) -> None:
        super().__init__(self.message)
        self.pytrace = False

    def __del__(self) -> None:
        if (on_release := type(self).on_release) is not None:
            on_release()


def deadline_exceeded(message: str, *, in_property: bool) -> type[DeadlineExceeded]:
    """Return a class of error with this message.

    It is also the class of a failed test, but not for a property: Hypothesis would run that again and again, to make
    its example smaller.
    """
    bases = (DeadlineExceeded,) if in_property else (DeadlineExceeded, pytest.fail.Exception)
    return type("DeadlineExceeded", bases, {"message": message})


@contextmanager
def silent_threads() -> Iterator[None]:
    """Let threads end with DeadlineExceeded without a message, for the length of a `with` block.

    The test itself reports it.
    """
    original = threading.excepthook

    def report_others(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, DeadlineExceeded):
            original(args)

    threading.excepthook = report_others
    try:
        yield
    finally:
        threading.excepthook = original
