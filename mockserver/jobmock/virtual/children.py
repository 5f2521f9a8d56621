"""Whether this process has child processes, which may be at the other end of a pipe."""

from __future__ import annotations

import os

from .patching import copy_of

_waitid = copy_of(os.waitid) if hasattr(os, "waitid") else lambda *look: None
_ANY = getattr(os, "P_ALL", 0)
_LOOK = getattr(os, "WEXITED", 0) | getattr(os, "WNOHANG", 0) | getattr(os, "WNOWAIT", 0)


def has_children() -> bool:
    """Say whether this process has a child that was not waited for yet."""
    try:
        _waitid(_ANY, 0, _LOOK)
    except ChildProcessError:
        return False
    return True
