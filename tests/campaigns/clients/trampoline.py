"""Runs coroutines without an event loop: each wait is arranged with a callback that goes on with the coroutine."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

Resume = Callable[[Any, BaseException | None], None]
"""Goes on with a coroutine, with a result or with an exception."""
Ended = Callable[[Any, BaseException | None], None]
"""Is called at the end of a coroutine, with its result or its exception."""


class Suspend:
    """Suspends a coroutine; `arrange` gets the callback that goes on with it."""

    def __init__(self, arrange: Callable[[Resume], None]) -> None:
        self._arrange = arrange

    def __await__(self) -> Any:
        return (yield self._arrange)


def trampoline(routine: Coroutine[Any, Any, Any], ended: Ended) -> None:
    """Run a coroutine to its first wait, and later on from callback to callback."""

    def step(result: Any, error: BaseException | None) -> None:
        try:
            arrange = routine.throw(error) if error is not None else routine.send(result)
        except StopIteration as stop:
            ended(stop.value, None)
        except BaseException as raised:
            ended(None, raised)
        else:
            arrange(step)

    step(None, None)


def complete(routine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never waits, and return its result."""
    try:
        routine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("The coroutine waits.")
