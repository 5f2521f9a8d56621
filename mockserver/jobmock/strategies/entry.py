"""The entry point that Hypothesis calls when it is imported: it lets `st.from_type(Scenario)` draw scenarios.

Importing `jobmock.models` here would cost each user of Hypothesis 20 ms, so the strategy is registered when that module
is imported by somebody else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_MODELS_MODULE = f"{__package__.rpartition('.')[0]}.models"


def register() -> None:
    """Register the strategy of `Scenario` now, or as soon as its module is imported."""
    if (models := sys.modules.get(_MODELS_MODULE)) is not None:
        _register(models)
    elif not any(isinstance(finder, _ModelsFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _ModelsFinder())


def _register(models: ModuleType) -> None:
    from hypothesis import strategies as st

    st.register_type_strategy(models.Scenario, _scenarios)


def _scenarios(kind: type) -> Any:
    from hypothesis import strategies as st

    from .. import apis
    from .whole_scenarios import scenarios

    return st.one_of([scenarios(api.name) for api in apis.all_apis()])


class _ModelsFinder(MetaPathFinder):
    """The first finder until the module is imported: it has the others find the module, and replaces its loader."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODELS_MODULE:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _RegisteringLoader(spec.loader)
        return spec


class _RegisteringLoader(Loader):
    """Loads the module with its own loader, restores that loader, and registers the strategy."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        _register(module)
