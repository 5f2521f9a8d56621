"""Runs a command against a mock from its start to its end, within its time limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from ..server.listeners import Host
from .child import Child
from .run_mock import RunMock
from .signals import Signals
from .time_limits import Stop, TimeLimits

T = TypeVar("T")


class WholeRun(NamedTuple, Generic[T]):
    """How a command's run ended: why jobmock ended it, its exit code, what it left behind, its output, what it did."""

    stop: Stop | None
    exit_code: int
    left_behind: list[str]
    output: tuple[bytes, bytes]
    seen: T


def run_to_end(
    host: Host, signals: Signals, mock: RunMock, start: Callable[[TimeLimits], Child], look: Callable[[], T], *,
    timeout: float | None, deadline: float | None, watch: Callable[[TimeLimits], object] = lambda limits: None,
) -> WholeRun[T]:  # fmt: skip
    """Start a command, and return when it has ended, or was ended.

    `look` returns what the client did with the mock. What it does after jobmock began to end it isn't in that.
    `watch` may find reasons to end it.
    """
    stopped: list[T] = []
    limits = TimeLimits(
        mock.clock, timeout=timeout, deadline=deadline, on_stop=lambda: stopped.append(look()),
        requests=lambda: mock.requests,
    )  # fmt: skip
    mock.own_processes(limits.stop)
    watch(limits)
    with signals.passed_to(lambda: start(limits)) as child:
        stop = limits.wait()
        code, left = child.end()
    host.settle()
    return WholeRun(stop, code, left, child.output, stopped[0] if stop else look())
