"""How much memory the scenarios take that jobs and namespaces hold. One that several of them share counts once."""

from __future__ import annotations

import gc
from sys import getsizeof
from types import BuiltinFunctionType, FunctionType, ModuleType

from .progression import Plan

MAX_BYTES = 64 << 20
MAX_ALL_BYTES = 256 << 20
_STAGE = 160
"""The memory of a stage without its step. A continued job has stages of its own."""
_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType)


class HeldScenarios:
    """Counts the holders of each scenario. `bytes` is how much memory all of them take."""

    def __init__(self) -> None:
        self.bytes = 0
        self._holders: dict[int, int] = {}

    def add(self, plan: Plan) -> None:
        """Count one more holder of a plan. It must not be changed without `remove`."""
        for part, size in _parts(plan):
            held = self._holders.get(part, 0)
            self._holders[part] = held + 1
            if not held:
                self.bytes += size

    def remove(self, plan: Plan) -> None:
        """Count one holder of a plan less."""
        for part, size in _parts(plan):
            held = self._holders[part] - 1
            if held:
                self._holders[part] = held
            else:
                del self._holders[part]
                self.bytes -= size


def _parts(plan: Plan) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return what a plan may share with others, its scenario and its stages: the identity and the size of each."""
    return (id(plan.scenario), plan.size), (id(plan.stages), _STAGE * len(plan.stages))


def size_of(plan: Plan) -> int:
    """Return how many bytes of memory a plan takes."""
    return sum(size for _, size in _parts(plan))


def memory_of(root: object) -> int:
    """Return about how many bytes of memory an object takes, with all that it refers to. Takes time in proportion."""
    seen, left, total = set[int](), [root], 0
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, _SHARED):
            continue
        seen.add(id(one))
        total += getsizeof(one)
        left += gc.get_referents(one)
        if isinstance(one, dict):
            left += one  # the garbage collector doesn't report keys that are texts
    return total
