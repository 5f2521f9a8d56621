"""Imports time-machine without pytest, which it would import for its fixture.

That takes long, and programs that find pytest imported may take themselves for a test. If pytest is imported later, the
fixture follows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from ..virtual.import_hooks import PostImportHooks


def import_time_machine() -> None:
    """Import time-machine, unless it is imported already."""
    if "pytest" in sys.modules or "time_machine" in sys.modules:
        return
    stand_in: Any = ModuleType("pytest")
    fixtures: list[tuple[dict[str, Any], Any]] = []

    def fixture(**settings: Any) -> Callable[[Any], Any]:
        def note(function: Any) -> Any:
            fixtures.append((settings, function))
            return function

        return note

    def make_fixtures(pytest: Any) -> None:
        for settings, function in fixtures:
            setattr(time_machine, function.__name__, pytest.fixture(**settings)(function))

    stand_in.fixture = fixture
    sys.modules["pytest"] = stand_in
    try:
        time_machine = import_module("time_machine")
    finally:
        del sys.modules["pytest"]
    sys.meta_path.insert(0, PostImportHooks({"pytest": make_fixtures}))
