"""Puts every stand-in in place while any world goes on, all or none, and takes them out after the last.

Each of them asks whose thread it is called in, so one placing serves all worlds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from types import ModuleType

from . import alarms, clocks, locks, loops, pools, processes, real, selects, sockets, threads, trio_clock
from .late_imports import LateImports
from .patching import Patches, check

_WITH_FUNCTIONS = (clocks, threads, selects, sockets, processes, alarms)
_WITH_METHODS = (threads, selects, sockets, loops)
_WITH_PLACE = (locks, pools, processes)
_LATE: Mapping[str, Callable[[ModuleType, Patches], None]] = {
    "concurrent.futures.interpreter": pools.place_interpreter_pool,
    "concurrent.futures.process": pools.place_process_pool,
    "gevent.hub": loops.place_gevent,
    "multiprocessing.connection": processes.place_connections,
    "multiprocessing.pool": pools.place_multiprocessing_pool,
    "multiprocessing.popen_fork": processes.place_popen,
    "multiprocessing.synchronize": processes.place_semaphores,
    "trio": trio_clock.place_trio,
    "uvloop": loops.place_uvloop,
}
"""What is adapted where it is loaded, or when it is."""


class _Installed:
    """What is in place just now, and for how many worlds."""

    def __init__(self) -> None:
        self.mutex, self.worlds = real.Mutex(), 0
        self.back = ExitStack()

    def enter(self) -> None:
        """Put everything in place for the first world. Raises VirtualTimeError, and leaves nothing behind then."""
        with self.mutex:
            if not self.worlds:
                with ExitStack() as stack:
                    self._place(stack)
                    self.back = stack.pop_all()
            self.worlds += 1

    def leave(self) -> None:
        """Put everything back after the last world."""
        with self.mutex:
            self.worlds -= 1
            if not self.worlds:
                self.back.close()
                locks.forget()

    def _place(self, stack: ExitStack) -> None:
        check()
        stack.enter_context(clocks.wall_clock())
        patches = Patches()
        stack.callback(patches.close)
        for module in _WITH_FUNCTIONS:
            for function, copy, virtual in module.FUNCTIONS:
                patches.function(function, copy, virtual)
        for module in _WITH_METHODS:
            for owner, name, virtual in module.METHODS:
                patches.method(owner, name, virtual)
        for module in _WITH_PLACE:
            module.place(patches)
        for name, place in _LATE.items():
            if name in sys.modules:
                place(sys.modules[name], patches)
        finder = LateImports({name: partial(_loaded, place, patches) for name, place in _LATE.items()})
        sys.meta_path.insert(0, finder)
        stack.callback(sys.meta_path.remove, finder)


_installed = _Installed()


@contextmanager
def in_place() -> Iterator[None]:
    """Have the stand-ins in place for the length of a `with` block."""
    _installed.enter()
    try:
        yield
    finally:
        _installed.leave()


def _loaded(place: Callable[[ModuleType, Patches], None], patches: Patches, module: ModuleType) -> None:
    place(module, patches)
