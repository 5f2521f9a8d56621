"""Replaces functions wherever a module has a name for them, and puts them back.

`from time import sleep` gives a module a name of its own for a function, so each module that was loaded is looked
through, once. Modules that belong to the test's own machinery keep the real functions.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

SPARED = frozenset({
    "_frozen_importlib", "_pydevd_bundle", "_pytest", "_thread", "coverage", "execnet", "faulthandler", "hypothesis",
    "importlib", "jobmock", "logging", "multiprocessing", "pdb", "pluggy", "py", "pydevd", "pytest", "pytest_asyncio",
    "pytest_jobmock", "pytest_timeout", "selectors", "subprocess", "time_machine", "uvicorn", "xdist",
})  # fmt: skip
"""Roots of the modules whose waits and readings are real whichever thread they are called in."""


class Sites:
    """The places of some functions in all loaded modules. `replaced` is real function → stand-in."""

    def __init__(self, replaced: Mapping[Any, Any]) -> None:
        self._stand_ins: dict[int, tuple[Any, Any]] = {}
        self._real: dict[int, tuple[Any, Any]] = {}
        self._places: list[tuple[dict[str, Any], str, Any, Any]] = []
        self._seen: set[str] = set()
        self.add(replaced)

    def add(self, replaced: Mapping[Any, Any]) -> None:
        """Replace some more functions, if they are new."""
        for real, stand_in in replaced.items():
            if id(real) not in self._stand_ins:
                self._stand_ins[id(real)], self._real[id(stand_in)] = (real, stand_in), (stand_in, real)
                self._places, self._seen = [], set()

    def fill(self) -> None:
        """Put the stand-ins in, also into modules that were loaded since the last time."""
        self._look(self._stand_ins)
        for names, name, _, stand_in in self._places:
            names[name] = stand_in

    def clear(self) -> None:
        """Put the real functions back, also into modules that were loaded meanwhile and took a stand-in."""
        self._look(self._real)
        for names, name, real, _ in self._places:
            names[name] = real

    def _look(self, wanted: Mapping[int, tuple[Any, Any]]) -> None:
        new = sys.modules.keys() - self._seen
        for root, module in [(name.partition(".")[0], sys.modules.get(name)) for name in new]:
            if root in SPARED or not isinstance(module, ModuleType):
                continue
            names = vars(module)
            for name, value in tuple(names.items()):
                pair = wanted.get(id(value))
                if pair is not None and pair[0] is value:
                    real, stand_in = self._pair(value)
                    self._places.append((names, name, real, stand_in))
        self._seen |= new

    def _pair(self, value: Any) -> tuple[Any, Any]:
        """Return the real function and the stand-in of either."""
        if id(value) in self._real:
            return self._real[id(value)][1], value
        return value, self._stand_ins[id(value)][1]


def spared(frame_depth: int, roots: frozenset[str] = SPARED) -> bool:
    """Say whether the caller so many frames above belongs to the test's own machinery, or to other modules' roots."""
    name = sys._getframe(frame_depth + 1).f_globals.get("__name__", "")
    return name.partition(".")[0] in roots
