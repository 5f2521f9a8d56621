"""Installs the replacements while any intercept is active, and removes them after the last one."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any

from jobmock.virtual.import_hooks import PostImportHooks

from . import other_networks, owners, replacements

_INHERITED = object()
_ATTRIBUTES: tuple[other_networks.Attribute, ...] = (
    *replacements.ATTRIBUTES,
    (threading.Thread, "start", owners.start),
    (ThreadPoolExecutor, "submit", owners.submit),
)


class _Replaced:
    """One attribute that is replaced."""

    def __init__(self, owner: Any, name: str, function: Callable[..., Any]) -> None:
        self._owner, self._name = owner, name
        self._before = vars(owner).get(name, _INHERITED)
        self._now = _calling(function, getattr(owner, name))
        setattr(owner, name, self._now)

    def put_back(self) -> None:
        """Put the attribute back, unless somebody else has replaced it since."""
        if vars(self._owner).get(self._name) is not self._now:
            return
        if self._before is _INHERITED:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)


class Net:
    """The replacements of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replaced: list[_Replaced] = []
        self._finder = PostImportHooks({name: partial(self._patch, name) for name in other_networks.MODULES})

    def enter(self) -> None:
        """Install everything, unless it is installed."""
        with self._lock:
            if not self._replaced:
                attributes = (*_ATTRIBUTES, *other_networks.imported_attributes())
                self._replaced = [_Replaced(*attribute) for attribute in attributes]
                sys.meta_path.insert(0, self._finder)

    def leave(self) -> None:
        """Remove everything, unless an intercept is active."""
        with self._lock:
            if owners.active:
                return
            sys.meta_path.remove(self._finder)
            while self._replaced:
                self._replaced.pop().put_back()

    def _patch(self, name: str, module: ModuleType) -> None:
        """Replace the attributes of a module that was just imported."""
        self._replaced += [_Replaced(*attribute) for attribute in other_networks.MODULES[name](module)]


def _calling(function: Callable[..., Any], real: Any) -> Any:
    """Return a function that calls `function(real, …)`, and looks like `real`."""

    @wraps(real)
    def replacement(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return function(real, *args, **kwargs)

    @wraps(real)
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return await function(real, *args, **kwargs)

    return coroutine if iscoroutinefunction(function) else replacement
