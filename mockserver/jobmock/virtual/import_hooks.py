"""Calls a function after a module is imported, so that modules imported during a test are changed too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class PostImportHooks(MetaPathFinder):
    """A finder in front of all others that knows a few modules; `hooks` has the function to call for each."""

    def __init__(self, hooks: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._hooks = hooks

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a module as the other finders do, and wrap its loader."""
        if name not in self._hooks:
            return None
        for finder in tuple(sys.meta_path):
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _HookedLoader(spec.loader, self._hooks[name])
                return spec
        return None


class _HookedLoader(Loader):
    """A module's own loader, followed by a call of a function."""

    def __init__(self, real: Any, hook: Callable[[ModuleType], None]) -> None:
        self._real, self._hook = real, hook

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._real.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._real
        module.__loader__ = self._real
        self._real.exec_module(module)
        self._hook(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
