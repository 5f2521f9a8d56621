"""The child processes that a test has started, and the descriptors whose other end a child may hold.

Children that are older than the test don't count, nor those that Python starts for itself, such as multiprocessing's
resource tracker: no test waits for them.
"""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterable
from weakref import WeakKeyDictionary, WeakSet

from .waiter import ANY_CHILD, OTHER_WORK

_popen_children: WeakSet[subprocess.Popen[bytes]] = WeakSet()
_child_descriptors: WeakKeyDictionary[subprocess.Popen[bytes], frozenset[object]] = WeakKeyDictionary()
"""The identities of the descriptors that each child of subprocess was given."""
_forked_children: set[int] = set()
"""The process numbers of children from a bare fork, until they are waited for."""
_inherited: set[int] = set()
"""The pipes that this process was started with."""


def note_inherited(descriptors: Iterable[int]) -> None:
    """Note descriptors whose other end the process has that started this one."""
    _inherited.update(identity for identity in map(_file_identity, descriptors) if isinstance(identity, int))


def note_started(process: subprocess.Popen[bytes]) -> None:
    """Note a child of subprocess."""
    _popen_children.add(process)


def note_descriptors(process: subprocess.Popen[bytes], descriptors: Iterable[int]) -> None:
    """Note the descriptors of a child of subprocess, just before it starts."""
    _child_descriptors[process] = frozenset(map(_file_identity, descriptors)) - {None}


def note_forked(process: int) -> None:
    """Note a forked child."""
    _forked_children.add(process)


def note_reaped(process: int) -> None:
    """Note that a child was waited for."""
    _forked_children.discard(process)


def has_children() -> bool:
    """Return whether the test has a child that isn't known to have ended."""
    if _has_forked_children():
        return True
    return bool(_popen_children) and any(process.returncode is None for process in _popen_children)


def may_reach_child(descriptor: int) -> bool:
    """Return whether a child, or the parent, may hold the other end of a pipe or of a pair of sockets."""
    return bool(children_at(descriptor))


def children_at(*descriptors: int) -> set[int]:
    """Return the numbers of the children that may hold the other ends of pipes, or of pairs of sockets.

    A forked child holds all of them, so it may be any: ANY_CHILD. OTHER_WORK stands for the parent.
    """
    if not _has_forked_children() and not _popen_children and not _inherited:
        return set()
    identities = {_file_identity(descriptor) for descriptor in descriptors} - {None}
    if not identities:
        return set()
    if _has_forked_children():
        return {ANY_CHILD}
    children = tuple(_popen_children)
    found = {one.pid for one in children if not identities.isdisjoint(_child_descriptors.get(one, ()))}
    return found if identities.isdisjoint(_inherited) else {OTHER_WORK, *found}


def _file_identity(descriptor: int) -> object:
    """Return what the two ends of a descriptor have in common: a pipe's number, "socket" or "terminal".

    None for a file to which no other process writes, or which doesn't lead to a child.
    """
    try:
        status = os.fstat(descriptor)
        if stat.S_ISFIFO(status.st_mode):
            return status.st_ino
        if stat.S_ISSOCK(status.st_mode):
            return "socket" if _is_local(descriptor) else None
        return "terminal" if stat.S_ISCHR(status.st_mode) and os.isatty(descriptor) else None
    except OSError:
        return None


def _is_local(descriptor: int) -> bool:
    with socket.socket(fileno=os.dup(descriptor)) as same:
        return same.family not in (socket.AF_INET, socket.AF_INET6)


def _has_forked_children() -> bool:
    processes = sys.modules.get("multiprocessing.process")
    return bool(_forked_children) or bool(processes is not None and processes._children)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked_children.clear)
