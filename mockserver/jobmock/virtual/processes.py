"""Child processes: a wait for one is external work, and so is a sleep between two polls of one.

Each function here replaces the function or method of the same name; `real` is the original.
"""

from __future__ import annotations

import inspect
import os
import subprocess
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any

from .builtin_functions import with_originals
from .child_processes import has_children, note_descriptors, note_forked, note_reaped, note_started
from .current import in_real_time
from .exceptions import VirtualTimeEnded
from .external_calls import call_for, external_call
from .participant import Participant, current_participant
from .patching import Patches
from .selects import combined_descriptor
from .waiter import ANY_CHILD

_NO_HANG = getattr(os, "WNOHANG", 1)
_REAP_SECONDS = 0.2
_PARAMETERS = tuple(inspect.signature(subprocess.Popen._execute_child).parameters)  # type: ignore[attr-defined]


def waitpid(real: Any, process: int, options: int, /) -> Any:
    """os.waitpid and os.wait4: poll a child, or wait for it."""
    child = process if process > 0 else ANY_CHILD
    found = real(process, options) if options & _NO_HANG else call_for(child, real, process, options)
    return _note_poll(found, child)


def fork(real: Any, /) -> int:
    """os.fork: note the child."""
    process = int(real())
    if process and current_participant() is not None:
        note_forked(process)
    return process


def wait3(real: Any, options: int, /) -> Any:
    """os.wait3: poll any child, or wait for one."""
    return _note_poll(real(options)) if options & _NO_HANG else call_for(ANY_CHILD, real, options)


def waitid(real: Any, kind: int, process: int, options: int, /) -> Any:
    """os.waitid: poll or wait for children that are chosen in other ways."""
    if not options & _NO_HANG:
        return call_for(ANY_CHILD, real, kind, process, options)
    return _note_poll(real(kind, process, options))


def init_popen(real: Any, process: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> None:
    """Popen.__init__: start a child, and note it."""
    external_call(real, process, *args, **kwargs)
    if current_participant() is not None:
        note_started(process)


def execute_child(real: Any, process: subprocess.Popen[Any], *args: Any) -> None:
    """Popen._execute_child: note the descriptors that a child is given."""
    named = dict(zip(_PARAMETERS, (process, *args), strict=False))
    own = (named.get(name, -1) for name in ("p2cread", "c2pwrite", "errwrite"))
    given = (*own, *(named.get("pass_fds") or ()))
    note_descriptors(process, [one for one in given if isinstance(one, int) and one >= 0])
    real(process, *args)


def wait(real: Any, process: subprocess.Popen[Any], timeout: float | None = None) -> Any:
    """Popen.wait: the timeout takes real time, and moves the clock as well."""
    return _wait_for_child(real, process, timeout)


def communicate(real: Any, process: subprocess.Popen[Any], *given: Any, **named: Any) -> Any:
    """Popen.communicate(input=None, timeout=None): the timeout takes real time, and moves the clock as well."""
    timeout = named.pop("timeout", given[1] if len(given) > 1 else None)
    return _wait_for_child(partial(real, **named), process, timeout, *given[:1])


def wait_for_process(real: Any, process: Any, timeout: float | None = None) -> Any:
    """multiprocessing's Process.join, whose original returns None while the child runs."""
    me = current_participant()
    if me is None:
        return real(process, timeout)
    code: list[Any] = []

    def real_wait(seconds: float | None) -> bool:
        code[:] = [real(process, seconds)]
        return code[0] is not None

    me.scheduler.wait_for_external(me, timeout, real_wait, process.pid)
    return code[0]


def acquire(real: Any, lock: Any, block: bool = True, timeout: float | None = None) -> bool:
    """Take a lock that is shared with other processes."""
    me = current_participant()
    if me is None or not block:
        return bool(real(lock, block, timeout))
    return me.scheduler.wait_for_external(me, timeout, lambda seconds: bool(real(lock, True, seconds)))


def wait_for_connections(real: Any, objects: Any, timeout: float | None = None) -> Any:
    """multiprocessing.connection.wait: if there are children, the data comes from one of them."""
    me, found = current_participant(), list[Any]()
    if me is None:
        return real(objects, timeout)

    def real_wait(seconds: float | None) -> bool:
        found[:] = real(objects, seconds)
        return bool(found)

    if has_children() and (timeout is None or timeout > 0):
        me.scheduler.wait_for_external(me, timeout, real_wait)
        return found
    if timeout is None or timeout > 0:
        with suppress(VirtualTimeEnded), combined_descriptor(objects) as descriptor:
            me.scheduler.wait(me, deadline=me.scheduler.deadline_in(timeout), descriptors=(descriptor,))
    with in_real_time():
        return real(objects, 0)


def _wait_for_child(real: Any, process: subprocess.Popen[Any], timeout: float | None, *args: Any) -> Any:
    """Wait for a child with `real`. Raises subprocess.TimeoutExpired."""
    me = current_participant()
    if me is None or me.scheduler.failure is not None:
        return real(process, *args, timeout=timeout) if me is None else _reap(real, me, process, *args)
    came: list[Any] = []
    expired: list[subprocess.TimeoutExpired] = []

    def real_wait(seconds: float | None) -> bool:
        try:
            came.append(real(process, *args, timeout=timeout))
        except subprocess.TimeoutExpired as error:
            expired.append(error)
        return bool(came)

    if not me.scheduler.wait_for_external(me, timeout, real_wait, process.pid):
        raise expired[0]
    return came[0]


def _reap(real: Any, me: Participant, process: subprocess.Popen[Any], *args: Any) -> Any:
    """Wait a moment for a child that was killed, as an error has ended the test. Raises that error if it runs on."""
    with suppress(subprocess.TimeoutExpired), in_real_time():
        return real(process, *args, timeout=_REAP_SECONDS)
    return me.scheduler.raise_if_failed()


def _note_poll(found: Any, child: int = ANY_CHILD) -> Any:
    """Note that a child was polled, if it hasn't ended."""
    me: Participant | None = current_participant()
    if me is not None and (found is None or not found[0]):
        me.polled.add(child)
    elif found is not None:
        note_reaped(found[0])
    return found


_any_child = partial(call_for, ANY_CHILD)
_CALLS = {
    "fork": fork, "waitpid": waitpid, "wait4": waitpid, "wait3": wait3, "waitid": waitid, "wait": _any_child,
    "system": _any_child,
}  # fmt: skip
FUNCTIONS = with_originals((getattr(os, name), virtual) for name, virtual in _CALLS.items() if hasattr(os, name))


def patch(patches: Patches) -> None:
    """Replace methods of subprocess."""
    patches.method(subprocess.Popen, "__init__", init_popen)
    patches.method(subprocess.Popen, "_execute_child", execute_child)
    patches.method(subprocess.Popen, "wait", wait)
    patches.method(subprocess.Popen, "communicate", communicate)


def patch_popen(module: ModuleType, patches: Patches) -> None:
    """Replace a method of `multiprocessing.popen_fork`, on which the other start methods build."""
    patches.method(module.Popen, "wait", wait_for_process)


def patch_connections(module: ModuleType, patches: Patches) -> None:
    """Replace a function of `multiprocessing.connection`: data on a connection comes from another process."""
    patches.python_function(module.wait, wait_for_connections)


def patch_semaphores(module: ModuleType, patches: Patches) -> None:
    """Replace methods of `multiprocessing.synchronize`: another process releases these locks."""
    patches.method(module._multiprocessing.SemLock, "acquire", acquire)
    patches.method(module._multiprocessing.SemLock, "__enter__", external_call)
