"""What a command has started, and how all of it is ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from time import monotonic, sleep

from ..linux_processes import Process, has_variable, processes

MARK = "JOBMOCK_RUN"
"""A variable in the environment of all that a command starts, with a word for each run around it. So a process is found
that left the command's session."""
GRACE_SECONDS = 1.0
"""So long has a process after SIGTERM, before SIGKILL, and after that before it is given up."""
LOOK_SECONDS = 0.01


def started_processes(pid: int, started: int, mark: str) -> list[Process]:
    """Return the processes of a command on Linux, itself too: all of its session, or with its mark, that still run.

    `started` is when the command itself was started, so an older process isn't taken for one of them.
    """
    return [
        one for one in processes()
        if one.started >= started and (one.session == pid or has_variable(one.pid, MARK, mark))
    ]  # fmt: skip


def group_exists(leader: int) -> bool:
    """Return whether any process of a group still runs."""
    try:
        os.killpg(leader, 0)
    except (AttributeError, OSError):
        return False
    return True


def end_all(signal_all: Callable[[int], object], await_end: Callable[[float], bool]) -> None:
    """Send SIGTERM to processes, and SIGKILL to those that are still there after a while.

    `await_end` waits until all have ended, so many seconds at most, and returns whether they have.
    """
    signal_all(signal.SIGTERM)
    signal_all(signal.SIGCONT)  # a process that is stopped can't end
    if await_end(GRACE_SECONDS):
        return
    until = monotonic() + GRACE_SECONDS
    while monotonic() < until:
        signal_all(signal.SIGKILL)
        if await_end(LOOK_SECONDS):
            return


def await_none(running: Callable[[], object], seconds: float) -> bool:
    """Wait until no process is running, so many seconds at most. Return whether that is so."""
    until = monotonic() + seconds
    while left := running():
        if monotonic() >= until:
            break
        sleep(LOOK_SECONDS)
    return not left
