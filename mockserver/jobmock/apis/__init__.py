"""The APIs: Clado and Orbit, which are the packages in this folder, and those of other distributions.

Each package defines its API as `API`. `api_packages` finds them; none is imported before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .. import api_packages, api_problems
from ..contract import documents
from ..errors import UsageError, hint

if TYPE_CHECKING:
    from ..dialect.api import Api

__all__ = ["EXAMPLE", "EXAMPLE_SWITCH", "all_apis", "load", "names", "problems", "variables", "why_unusable"]

EXAMPLE = "clado"
"""The API in the examples of messages."""
EXAMPLE_SWITCH = "clado.tier", "free"
"""One of its switches, and a value."""

names = api_packages.names


def variables(end: str) -> list[str]:
    """Return the environment variables of all APIs that end like this, such as `CLADO_API_KEY` for `API_KEY`."""
    return [f"{name.upper()}_{end}" for name in names()]


@cache
def load(name: str) -> Api:
    """Return one API; its code is imported on first use. Raises UsageError for one that can't be used."""
    if problem := why_unusable(name):
        raise UsageError(problem)
    package = api_packages.found().usable[name]
    api: Api = import_module(package.module).API
    return api


@cache
def all_apis() -> tuple[Api, ...]:
    """Return every API that can be used, sorted by name."""
    own = {name: load(name) for name, package in api_packages.found().usable.items() if package.is_own}
    return tuple(api for _, api in sorted({**own, **_others()[0]}.items()))


@cache
def _others() -> tuple[Mapping[str, Api], Mapping[str, str]]:
    """Return the APIs of other distributions that can be used, and why others can't, by their names, and tell that."""
    packages, refused = api_packages.others(), api_packages.found().refused
    found: tuple[Mapping[str, Api], Mapping[str, str]] = {}, {}
    if packages:
        from .other_distributions import load_others

        own = (load(name) for name, package in api_packages.found().usable.items() if package.is_own)
        found = load_others(packages, own)
    api_problems.tell({**refused, **found[1]})
    return found


def why_unusable(name: str) -> str | None:
    """Return why no API of this name can be used, in a sentence; None if one can."""
    package = api_packages.found().usable.get(name)
    if package is not None and package.is_own:
        return None
    unknown = f"There is no API {name!r}. Allowed: {', '.join(names())}.{hint(name, names())}"
    return problems().get(name, unknown if package is None else None)


def problems() -> Mapping[str, str]:
    """Return why APIs of other distributions can't be used, by their names. All others are imported for that."""
    return {**api_packages.found().refused, **_others()[1]}


def _made_words(name: str) -> Mapping[str, Any] | None:
    """Return the words of the scenarios of another distribution's API, made from its tables; None if it has none."""
    from .other_distributions import words_of

    return words_of(api_packages.found().usable[name])


documents.make_words_by(_made_words)
