"""httpx and httpx2: which of them are installed, and to which one a request belongs."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .errors import UsageError

NAMES = ("httpx", "httpx2")


@cache
def installed() -> dict[str, Any]:
    """Return the modules of the installed libraries by name."""
    return {name: import_module(name) for name in NAMES if find_spec(name)}


def name_of(request: object) -> str:
    """Return the name of a request's library; its class may be a subclass of the library's. Raises UsageError."""
    kind: Any = type(request)
    return _name_of_class(kind)


@cache
def _name_of_class(kind: Any) -> str:
    for base in kind.__mro__:
        root: str = base.__module__.partition(".")[0]
        if base.__name__ == "Request" and root in installed():
            return root
    raise UsageError(
        f"A request of {kind.__module__}.{kind.__qualname__} can't be answered in process. "
        f"Allowed: Request of {', '.join(installed()) or 'httpx or httpx2, neither of which is installed'}."
    )


def base_transports() -> list[type]:
    """Return the base classes of the installed libraries' transports, sync and async."""
    return [base for library in installed().values() for base in (library.BaseTransport, library.AsyncBaseTransport)]


def base_streams() -> list[type]:
    """Return the base classes of the installed libraries' bodies, sync and async."""
    return [base for library in installed().values() for base in (library.SyncByteStream, library.AsyncByteStream)]
