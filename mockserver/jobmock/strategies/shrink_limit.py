"""Limits the real time in which a counterexample is made smaller, by Hypothesis and after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ..clock import TIME
from ..errors import UsageError

DEFAULT_SECONDS = 60.0
VARIABLE = "JOBMOCK_SHRINK"
_WARNING = "WARNING: Hypothesis has spent more than five minutes"
"""How Hypothesis's own words about its limit begin. They name its usual limit, whatever it is."""


def shrink_seconds(given: float | None) -> float:
    """Return the limit in seconds: the given one, else that of JOBMOCK_SHRINK, else the default. Raises UsageError."""
    text = os.environ.get(VARIABLE) or str(DEFAULT_SECONDS)
    what, value = (VARIABLE, text) if given is None else ("'shrink'", given)
    try:
        seconds = float("inf" if value == "off" else value)
    except (TypeError, ValueError):
        seconds = -1.0
    if isinstance(value, bool) or not seconds > 0:
        raise UsageError(f"{what} is {value!r}. Allowed: a number of seconds above 0, or off.")
    return seconds


class ShrinkLimit:
    """A limit of real seconds. `was_reached` says whether it ended the work on a counterexample."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.was_reached = seconds, False
        self._began: float | None = None

    def begin(self) -> None:
        """Count from now on, if this is the first call."""
        if self._began is None:
            self._began = TIME.monotonic()

    def is_over(self) -> bool:
        """Return whether the time is over, and note that it ended some work."""
        over = self._began is not None and TIME.monotonic() - self._began > self.seconds
        self.was_reached = self.was_reached or over
        return over

    @property
    def remark(self) -> str:
        """What to say of a counterexample: an empty text if it was made as small as possible."""
        if not self.was_reached:
            return ""
        ended = f"the search for it ended after {self.seconds:g} s"
        return f"There may be a smaller one: {ended}. {VARIABLE} sets the time."

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let Hypothesis shrink for no longer than that within the block."""
        engine: Any = import_module("hypothesis.internal.conjecture.engine")
        runner, usual = engine.ConjectureRunner, (engine.MAX_SHRINKING_SECONDS, engine.report)
        exit_with = runner.exit_with

        def noting_exit(this: Any, reason: Any) -> None:
            self.was_reached = self.was_reached or reason is engine.ExitReason.very_slow_shrinking
            exit_with(this, reason)

        def report(text: Any) -> None:
            if not str(text).startswith(_WARNING):
                usual[1](text)

        engine.MAX_SHRINKING_SECONDS, engine.report, runner.exit_with = self.seconds, report, noting_exit
        try:
            yield
        finally:
            engine.MAX_SHRINKING_SECONDS, engine.report = usual
            runner.exit_with = exit_with
