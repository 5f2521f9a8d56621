"""Installs all replacements while any test is in virtual time, and removes them after the last one.

Each replacement checks the thread in which it is called, so one installation serves all tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from types import ModuleType

from . import (
    alarms,
    asyncio_processes,
    clocks,
    locks,
    loops,
    pools,
    processes,
    real,
    selects,
    sockets,
    threads,
    tls,
    trio_clock,
)  # fmt: skip
from .builtin_functions import check_python
from .import_hooks import PostImportHooks
from .patching import Patches

_WITH_FUNCTIONS = (threads, selects, sockets, processes, alarms)
_WITH_METHODS = (threads, selects, sockets, tls, loops)
_WITH_PATCH = (locks, pools, processes, asyncio_processes)
_MODULE_PATCHES: Mapping[str, Callable[[ModuleType, Patches], None]] = {
    "concurrent.futures.interpreter": pools.patch_interpreter_pool,
    "concurrent.futures.process": pools.patch_process_pool,
    "gevent.hub": loops.patch_gevent,
    "grpc._channel": loops.patch_grpc,
    "multiprocessing.connection": processes.patch_connections,
    "multiprocessing.pool": pools.patch_multiprocessing_pool,
    "multiprocessing.popen_fork": processes.patch_popen,
    "multiprocessing.synchronize": processes.patch_semaphores,
    "trio": trio_clock.patch_trio,
    "uvloop": loops.patch_uvloop,
}
"""How to change each module that may not be imported yet."""


class _Replacements:
    """The replacements, and the number of tests that use them. They are prepared for the first test."""

    def __init__(self) -> None:
        self._mutex, self._users = real.Mutex(), 0
        self._patches: Patches | None = None
        self._patched: set[str] = set()
        self._finder = PostImportHooks({name: partial(self._patch_module, name) for name in _MODULE_PATCHES})
        self._wall_clock = ExitStack()

    def enter(self) -> None:
        """Install all for the first test. Raises VirtualTimeError, and then nothing stays changed."""
        with self._mutex:
            if not self._users:
                with ExitStack() as stack:
                    stack.enter_context(clocks.virtual_wall_clock())
                    self._prepare().apply()
                    self._wall_clock = stack.pop_all()
                sys.meta_path.insert(0, self._finder)
            self._users += 1

    def leave(self) -> None:
        """Remove all after the last test."""
        with self._mutex:
            self._users -= 1
            if not self._users:
                sys.meta_path.remove(self._finder)
                self._prepare().remove()
                self._wall_clock.close()
                locks.forget_holders()

    def _prepare(self) -> Patches:
        if self._patches is None:
            check_python()
            self._patches = _patches()
        clocks.patch(self._patches, self._patched)
        for name in _MODULE_PATCHES.keys() - self._patched:
            if name in sys.modules:
                self._patch_module(name, sys.modules[name])
        return self._patches

    def _patch_module(self, name: str, module: ModuleType) -> None:
        """Change a module that has been imported."""
        if self._patches is not None and name not in self._patched:
            self._patched.add(name)
            _MODULE_PATCHES[name](module, self._patches)


def _patches() -> Patches:
    """Return the changes that need no import."""
    patches = Patches()
    for module in _WITH_FUNCTIONS:
        for function, copy, virtual in module.FUNCTIONS:
            patches.function(function, copy, virtual)
    for module in _WITH_METHODS:
        for owner, name, virtual in module.METHODS:
            patches.method(owner, name, virtual)
    for module in _WITH_PATCH:
        module.patch(patches)
    return patches


_replacements = _Replacements()


@contextmanager
def replaced() -> Iterator[None]:
    """Keep the replacements installed for the length of a `with` block."""
    _replacements.enter()
    try:
        yield
    finally:
        _replacements.leave()
