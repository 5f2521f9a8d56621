"""Puts every stand-in in place while any world goes on, all or none, and takes them out after the last.

Each of them asks whose thread it is called in, so one placing serves all worlds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from types import ModuleType

from . import alarms, clocks, locks, loops, pools, processes, real, selects, sockets, threads, tls, trio_clock
from .c_functions import check
from .late_imports import LateImports
from .patching import Patches

_WITH_FUNCTIONS = (threads, selects, sockets, processes, alarms)
_WITH_METHODS = (threads, selects, sockets, tls, loops)
_WITH_PLACE = (locks, pools, processes)
_LATE: Mapping[str, Callable[[ModuleType, Patches], None]] = {
    "concurrent.futures.interpreter": pools.place_interpreter_pool,
    "concurrent.futures.process": pools.place_process_pool,
    "gevent.hub": loops.place_gevent,
    "grpc._channel": loops.place_grpc,
    "multiprocessing.connection": processes.place_connections,
    "multiprocessing.pool": pools.place_multiprocessing_pool,
    "multiprocessing.popen_fork": processes.place_popen,
    "multiprocessing.synchronize": processes.place_semaphores,
    "trio": trio_clock.place_trio,
    "uvloop": loops.place_uvloop,
}
"""What is adapted where it is loaded, or when it is."""


class _Installed:
    """What is in place just now, and for how many worlds. All is prepared with the first one."""

    def __init__(self) -> None:
        self._mutex, self._worlds = real.Mutex(), 0
        self._patches: Patches | None = None
        self._adapted: set[str] = set()
        self._finder = LateImports({name: partial(self._adapt, name) for name in _LATE})
        self._wall = ExitStack()

    def enter(self) -> None:
        """Put everything in place for the first world. Raises VirtualTimeError, and leaves nothing behind then."""
        with self._mutex:
            if not self._worlds:
                with ExitStack() as stack:
                    stack.enter_context(clocks.wall_clock())
                    self._prepared().place()
                    self._wall = stack.pop_all()
                sys.meta_path.insert(0, self._finder)
            self._worlds += 1

    def leave(self) -> None:
        """Put everything back after the last world."""
        with self._mutex:
            self._worlds -= 1
            if not self._worlds:
                sys.meta_path.remove(self._finder)
                self._prepared().remove()
                self._wall.close()
                locks.forget()

    def _prepared(self) -> Patches:
        if self._patches is None:
            check()
            self._patches = _patches()
        clocks.place(self._patches, self._adapted)
        for name in _LATE.keys() - self._adapted:
            if name in sys.modules:
                self._adapt(name, sys.modules[name])
        return self._patches

    def _adapt(self, name: str, module: ModuleType) -> None:
        """Adapt a module that has been loaded."""
        if self._patches is not None and name not in self._adapted:
            self._adapted.add(name)
            _LATE[name](module, self._patches)


def _patches() -> Patches:
    """Return what is changed wherever virtual time is."""
    patches = Patches()
    for module in _WITH_FUNCTIONS:
        for function, copy, virtual in module.FUNCTIONS:
            patches.function(function, copy, virtual)
    for module in _WITH_METHODS:
        for owner, name, virtual in module.METHODS:
            patches.method(owner, name, virtual)
    for module in _WITH_PLACE:
        module.place(patches)
    return patches


_installed = _Installed()


@contextmanager
def in_place() -> Iterator[None]:
    """Have the stand-ins in place for the length of a `with` block."""
    _installed.enter()
    try:
        yield
    finally:
        _installed.leave()
