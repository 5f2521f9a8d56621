"""The conformance suite: cases that a correct client of an API passes, and the scorecard of a client.

`suite` reads the cases from data. `playing` plays them to a client, `judgement` says what came of a case, `scorecard`
counts. How a client is run is in `clients`. A public name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assertion import ConformanceCase, assert_client_conforms
    from .clients.task import Task

__all__ = ["ConformanceCase", "Task", "assert_client_conforms"]

_PLACES = {"ConformanceCase": "assertion", "assert_client_conforms": "assertion", "Task": "clients.task"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
