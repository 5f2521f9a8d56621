"""Puts a stand-in in place of a function or a method of Python itself, and puts the original back.

A function that is written in C, such as `time.sleep`, is one object that many names, default arguments and closures
may hold. It is changed in that object, so every holder meets the stand-in, and nobody needs to be looked for. A method
is changed in its class, also where Python closes the class to changes. Works on CPython only, which `check` finds out.
"""

from __future__ import annotations

import ctypes
import select
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial, wraps
from importlib import import_module
from types import BuiltinFunctionType, FunctionType
from typing import Any

from ..errors import VirtualTimeError

_POINTER = ctypes.c_void_p
_HEAD = object.__basicsize__
_TAKES_KEYWORDS = 0x82
"""METH_FASTCALL | METH_KEYWORDS: such a function is called with exactly what PyObject_Vectorcall takes."""
_CLOSED = 1 << 8
"""Py_TPFLAGS_IMMUTABLETYPE."""
_FLAGS_AT = _HEAD + 8 + 18 * ctypes.sizeof(_POINTER)
_INHERITED = object()
_PLACE = "the stand-in"


class _Definition(ctypes.Structure):
    """PyMethodDef."""

    _fields_ = (("name", ctypes.c_char_p), ("call", _POINTER), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


class _Function(ctypes.Structure):
    """PyCFunctionObject."""

    _fields_ = (
        ("head", ctypes.c_byte * _HEAD), ("definition", ctypes.POINTER(_Definition)), ("self", _POINTER),
        ("module", _POINTER), ("references", _POINTER), ("vectorcall", _POINTER),
    )  # fmt: skip


class StandIn(partial):  # type: ignore[type-arg]
    """What a changed function calls: `virtual(real, …)`. Another process that unpickles it gets its module's own."""

    def __reduce__(self) -> Any:
        return import_module, (self.args[0].__module__,)


def _calling(*args: Any, **kwargs: Any) -> Any:
    """Call what is put in the place of a constant."""
    function: Any = "the stand-in"
    return function(*args, **kwargs)


def check() -> None:
    """Raise VirtualTimeError where this Python's functions and classes can't be changed in place."""
    if sys.implementation.name != "cpython" or not hasattr(select, "poll"):
        raise VirtualTimeError(
            "Virtual time needs CPython on a system with poll, such as Linux or macOS."
            " Mark the test time='manual', time='scaled' or time='real'."
        )
    if _function(time.sleep).definition.contents.name != b"sleep":
        raise VirtualTimeError("Virtual time doesn't know this build of Python. Mark the test time='manual'.")


def copy_of(function: Any) -> Any:
    """Return a function of C once more; the copy stays as it is when the other one is changed."""
    raw = _function(function)
    make = ctypes.pythonapi.PyCMethod_New
    make.restype, make.argtypes = ctypes.py_object, (_POINTER,) * 4
    return make(ctypes.cast(raw.definition, _POINTER), raw.self, raw.module, None)


def with_copies(functions: Iterable[tuple[Any, Any]]) -> tuple[tuple[Any, Any, Any], ...]:
    """Return (function, a copy of it, what stands in for it) for each (function, what stands in for it)."""
    return tuple((function, copy_of(function), virtual) for function, virtual in functions)


class Patches:
    """What was changed, and is put back by `close`, in the opposite order."""

    def __init__(self) -> None:
        self._back = ExitStack()
        self._methods: set[tuple[type, str]] = set()

    def function(self, function: Any, real: Any, virtual: Callable[..., Any]) -> None:
        """Let every call of a function of C be `virtual(real, …)`, where `real` is a copy of it."""
        raw, stand_in = _function(function), StandIn(virtual, real)
        before = raw.self, ctypes.cast(raw.definition, _POINTER).value, raw.vectorcall
        call = ctypes.cast(ctypes.pythonapi.PyObject_Vectorcall, _POINTER).value
        definition = _Definition(function.__name__.encode(), call, _TAKES_KEYWORDS, raw.definition.contents.doc)
        self._back.callback(_restore, function, before, (stand_in, definition))
        raw.self, raw.definition = id(stand_in), ctypes.pointer(definition)
        raw.vectorcall = _function(print).vectorcall

    def python_function(self, function: Any, virtual: Callable[..., Any]) -> None:
        """Let every call of a function of Python be `virtual(real, …)`, by other code in the same object."""
        real = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
        real.__kwdefaults__ = function.__kwdefaults__
        self._back.callback(setattr, function, "__code__", function.__code__)
        constants = tuple(partial(virtual, real) if one == _PLACE else one for one in _calling.__code__.co_consts)
        function.__code__ = _calling.__code__.replace(co_consts=constants)

    def method(self, owner: type, name: str, virtual: Callable[..., Any]) -> None:
        """Let every call of a method be `virtual(real, self, …)`; a second time for the same method, do nothing."""
        if (owner, name) not in self._methods:
            real = getattr(owner, name)

            @wraps(real)
            def stand_in(self: Any, *args: Any, **kwargs: Any) -> Any:
                return virtual(real, self, *args, **kwargs)

            self.attribute(owner, name, stand_in)

    def attribute(self, owner: Any, name: str, value: Any) -> None:
        """Give a class or a module another attribute."""
        self._methods.add((owner, name))
        self._back.callback(_put_back, owner, name, vars(owner).get(name, _INHERITED))
        _set(owner, name, value)

    def close(self) -> None:
        """Put everything back."""
        self._methods.clear()
        self._back.close()


def _function(function: Any) -> _Function:
    if type(function) is not BuiltinFunctionType:
        raise TypeError(f"{function!r} is no function of C.")
    return _Function.from_address(id(function))


def _restore(function: Any, before: tuple[Any, Any, Any], kept: object) -> None:
    """Put a function back; `kept` is what it must not lose before."""
    raw = _function(function)
    raw.self, raw.vectorcall = before[0], before[2]
    raw.definition = ctypes.cast(before[1], ctypes.POINTER(_Definition))


def _put_back(owner: Any, name: str, value: Any) -> None:
    _set(owner, name, value)


def _set(owner: Any, name: str, value: Any) -> None:
    """Set an attribute, or delete it, also of a class that is closed to changes."""
    change = partial(delattr, owner, name) if value is _INHERITED else partial(setattr, owner, name, value)
    if not isinstance(owner, type) or not owner.__flags__ & _CLOSED:
        change()
        return
    flags = ctypes.c_ulong.from_address(id(owner) + _FLAGS_AT)
    if flags.value != owner.__flags__:
        raise VirtualTimeError(f"Virtual time can't change the class {owner.__qualname__} of this Python.")
    flags.value &= ~_CLOSED
    try:
        change()
    finally:
        flags.value |= _CLOSED
