"""Child processes of asyncio: a task's wait for one is external work.

Each function here replaces the function or method of the same name; `real` is the original.
"""

from __future__ import annotations

import asyncio
import asyncio.base_subprocess
import asyncio.subprocess
from typing import Any

from .child_processes import children_at
from .current import in_real_time
from .participant import current_participant
from .patching import Patches
from .waiter import ANY_CHILD, OTHER_WORK


def init_transport(real: Any, transport: Any, loop: Any, protocol: Any, *args: Any, **kwargs: Any) -> None:
    """Start a child in asyncio.

    A wait for it isn't known if its protocol isn't asyncio's own, as with anyio. Then the clock waits while the child
    lives.
    """
    real(transport, loop, protocol, *args, **kwargs)
    me = current_participant()
    if me is not None and type(protocol) is not asyncio.subprocess.SubprocessStreamProtocol:
        me.scheduler.external.watch(transport, _is_running, transport.get_pid() or ANY_CHILD)


async def wait_in_loop(real: Any, transport: Any) -> Any:
    """asyncio's Process.wait: while a task waits for a child, the clock moves at the speed of real time."""
    me = current_participant()
    if me is None:
        return await real(transport)
    with me.scheduler.external.waiting(transport.get_pid() or ANY_CHILD):
        return await real(transport)


async def wait_for_data(real: Any, reader: Any, name: str) -> Any:
    """asyncio's reads from a child's pipe: while a task waits for data, the clock moves at the speed of real time."""
    me, transport = current_participant(), getattr(reader, "_transport", None)
    if me is None or not isinstance(transport, asyncio.ReadTransport) or isinstance(transport, asyncio.Transport):
        return await real(reader, name)
    child = min(children_at(transport.get_extra_info("pipe").fileno()), default=OTHER_WORK)
    with me.scheduler.external.waiting(child):
        return await real(reader, name)


def add_child_handler(real: Any, watcher: Any, *args: Any, **kwargs: Any) -> Any:
    """ThreadedChildWatcher.add_child_handler: the thread that watches a child takes no part."""
    with in_real_time():
        return real(watcher, *args, **kwargs)


def _is_running(transport: Any) -> bool:
    return transport.get_returncode() is None


class _Returncode:
    """asyncio's Process.returncode: reading it polls the child."""

    def __get__(self, process: Any, kind: type) -> Any:
        if process is None:
            return self
        found = process._transport.get_returncode()
        me = current_participant()
        if found is None and me is not None:
            me.polled.add(process.pid)
        return found


def patch(patches: Patches) -> None:
    """Replace methods of asyncio's subprocesses."""
    patches.method(asyncio.base_subprocess.BaseSubprocessTransport, "__init__", init_transport)
    patches.method(asyncio.base_subprocess.BaseSubprocessTransport, "_wait", wait_in_loop)
    patches.method(asyncio.StreamReader, "_wait_for_data", wait_for_data)
    patches.attribute(asyncio.subprocess.Process, "returncode", _Returncode())
    for name in ("ThreadedChildWatcher", "_ThreadedChildWatcher"):
        if watcher := vars(asyncio.unix_events).get(name):
            patches.method(watcher, "add_child_handler", add_child_handler)
