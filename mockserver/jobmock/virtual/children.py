"""Which child processes a test has begun, and at which descriptors they may be at the other end.

A child that was there before, or that Python keeps for itself, such as multiprocessing's resource tracker, is nobody
that a test waits for.
"""

from __future__ import annotations

import os
import subprocess
import sys
from weakref import WeakSet

_popened: WeakSet[subprocess.Popen[bytes]] = WeakSet()
_forked: set[int] = set()
"""Children that were begun by a bare fork, until they are waited for."""


def began(process: subprocess.Popen[bytes]) -> None:
    """Note a child of subprocess."""
    _popened.add(process)


def forked(process: int) -> None:
    """Note a child that was forked off."""
    _forked.add(process)


def reaped(process: int) -> None:
    """Note that a child was waited for."""
    _forked.discard(process)


def has_children() -> bool:
    """Say whether the test has a child that isn't known to have ended."""
    return _shares_any() or any(process.returncode is None for process in _popened)


def may_be_at(descriptor: int) -> bool:
    """Say whether a child may be at the other end of a pipe or a pair of sockets.

    Which pipes a forked child has can't be known, so it may be any.
    """
    return _shares_any() or descriptor in {
        file.fileno()
        for process in tuple(_popened)
        for file in (process.stdin, process.stdout, process.stderr)
        if file is not None and not file.closed
    }


def _shares_any() -> bool:
    processes = sys.modules.get("multiprocessing.process")
    return bool(_forked) or bool(processes is not None and processes._children)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked.clear)
