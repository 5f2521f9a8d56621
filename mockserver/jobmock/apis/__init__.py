"""The APIs. Each module or package in this folder defines one, as `API`; a new one needs no registration."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..dialect.api import Api

__all__ = ["all_apis", "load", "names"]


@cache
def names() -> tuple[str, ...]:
    """Return the names of the APIs, sorted."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


@cache
def load(name: str) -> Api:
    """Return one API; its code is imported on first use."""
    api: Api = import_module(f".{name}", __name__).API
    return api


def all_apis() -> tuple[Api, ...]:
    """Return every API."""
    return tuple(load(name) for name in names())
