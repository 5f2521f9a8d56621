"""jobmock: a mock of the Clado deep-research and Orbit Deep Search APIs, to test the clients that poll them.

Each public name is loaded when it is first used, so that `import jobmock` stays cheap.
"""

from __future__ import annotations

TYPE_CHECKING = False
"""Type checkers take it for true. `typing` isn't imported, because it costs more than all the rest of this module."""
if TYPE_CHECKING:
    from typing import Any

    from .catalogue import Catalogue
    from .errors import ContractViolation, JobmockError, ScenarioError, UsageError, VirtualTimeError
    from .models import Scenario
    from .service.service import Service
    from .transport import in_process
    from .version import __version__

__all__ = [
    "Catalogue",
    "ContractViolation",
    "JobmockError",
    "Scenario",
    "ScenarioError",
    "Service",
    "UsageError",
    "VirtualTimeError",
    "__version__",
    "in_process",
]

_MODULES = {
    "Catalogue": "catalogue",
    "Scenario": "models",
    "Service": "service.service",
    "__version__": "version",
    "in_process": "transport",
}
"""Where each name is defined, where that isn't `errors`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_MODULES.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
