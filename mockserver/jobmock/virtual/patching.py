"""Replaces functions, methods and attributes, and restores the originals.

A method is changed in its class, even if Python protects the class from changes. A Python function gets other code in
the same object. `builtin_functions` changes built-in functions.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial, wraps
from inspect import iscoroutinefunction
from types import CodeType, FunctionType
from typing import Any

from ..errors import VirtualTimeError
from .builtin_functions import FunctionPatch

_IMMUTABLE = 1 << 8
"""Py_TPFLAGS_IMMUTABLETYPE."""
_FLAGS_AT = object.__basicsize__ + 8 + 18 * ctypes.sizeof(ctypes.c_void_p)
_INHERITED = object()
_PLACEHOLDER = "the replacement"


def _calling(*args: Any, **kwargs: Any) -> Any:
    """Call the function that replaces this constant."""
    function: Any = "the replacement"
    return function(*args, **kwargs)


async def _awaiting(*args: Any, **kwargs: Any) -> Any:
    """Do the same for a coroutine function."""
    function: Any = "the replacement"
    return await function(*args, **kwargs)


class Patches:
    """Changes that are prepared once, then applied and removed as often as needed."""

    def __init__(self) -> None:
        self._functions: list[FunctionPatch] = []
        self._attributes: dict[Any, tuple[AbstractContextManager[None], list[_AttributePatch]]] = {}
        """By owner: the block in which it can be changed, and its changes."""
        self._applied = False

    def function(self, function: Any, real: Any, virtual: Callable[..., Any]) -> None:
        """Turn every call of a built-in function into `virtual(real, …)`, where `real` is a copy of it."""
        patch = FunctionPatch(function, real, virtual)
        self._functions.append(patch)
        if self._applied:
            patch.apply()

    def python_function(self, function: Any, virtual: Callable[..., Any]) -> None:
        """Turn every call of a Python function into `virtual(real, …)`, by other code in the same object."""

        def code() -> CodeType:
            real = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
            real.__kwdefaults__ = function.__kwdefaults__
            calling = (_awaiting if iscoroutinefunction(function) else _calling).__code__
            constants = (partial(virtual, real) if one == _PLACEHOLDER else one for one in calling.co_consts)
            return calling.replace(co_consts=tuple(constants))

        self._add(_AttributePatch(function, "__code__", code))

    def method(self, owner: type, name: str, virtual: Callable[..., Any]) -> None:
        """Turn every call of a method into `virtual(real, self, …)`."""

        def replacement() -> Any:
            real = getattr(owner, name)

            @wraps(real)
            def method(self: Any, *args: Any, **kwargs: Any) -> Any:
                return virtual(real, self, *args, **kwargs)

            return method

        self._add(_AttributePatch(owner, name, replacement))

    def attribute(self, owner: Any, name: str, value: Any) -> None:
        """Change an attribute of a class or a module."""
        self._add(_AttributePatch(owner, name, lambda: value))

    def apply(self) -> None:
        """Apply all changes; if one fails, none stays."""
        self._applied = True
        try:
            for patch in self._functions:
                patch.apply()
            for mutable, attributes in self._attributes.values():
                with mutable:
                    for attribute in attributes:
                        attribute.apply()
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Undo all changes that are applied."""
        self._applied = False
        for mutable, attributes in self._attributes.values():
            with mutable:
                for attribute in attributes:
                    attribute.remove()
        for patch in self._functions:
            patch.remove()

    def _add(self, patch: _AttributePatch) -> None:
        if patch.owner not in self._attributes:
            self._attributes[patch.owner] = _Mutable(patch.owner) if _is_immutable(patch.owner) else nullcontext(), []
        mutable, attributes = self._attributes[patch.owner]
        attributes.append(patch)
        if self._applied:
            with mutable:
                patch.apply()


class _AttributePatch:
    """A change to an attribute. `make` returns the new value, again if the attribute was changed meanwhile."""

    __slots__ = ("_applied", "_before", "_make", "_name", "_now", "_value", "owner")

    def __init__(self, owner: Any, name: str, make: Callable[[], Any]) -> None:
        self.owner, self._name, self._make = owner, name, make
        own = partial(vars(owner).get, name, _INHERITED)
        self._now: Callable[[], Any] = partial(getattr, owner, name) if name == "__code__" else own
        self._before, self._value, self._applied = self._now(), make(), False

    def apply(self) -> None:
        """Set the new value."""
        now = self._now()
        if now is not self._before:
            self._before, self._value = now, self._make()
        setattr(self.owner, self._name, self._value)
        self._applied = True

    def remove(self) -> None:
        """Restore the old value, or delete the attribute if it was inherited."""
        if not self._applied:
            return
        self._applied = False
        if self._before is _INHERITED:
            delattr(self.owner, self._name)
        else:
            setattr(self.owner, self._name, self._before)


def _is_immutable(owner: Any) -> bool:
    return isinstance(owner, type) and bool(owner.__flags__ & _IMMUTABLE)


class _Mutable:
    """Allows changes to the attributes of an immutable class for the length of a `with` block."""

    def __init__(self, owner: type) -> None:
        self._flags = ctypes.c_ulong.from_address(id(owner) + _FLAGS_AT)
        if self._flags.value != owner.__flags__:
            raise VirtualTimeError(f"Virtual time can't change the class {owner.__qualname__} of this Python.")

    def __enter__(self) -> None:
        self._flags.value &= ~_IMMUTABLE

    def __exit__(self, *error: object) -> None:
        self._flags.value |= _IMMUTABLE
