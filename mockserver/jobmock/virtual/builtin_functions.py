"""Changes a built-in function, such as `time.sleep`, in its own object, so that every reference to it is reached.

Many names, default arguments and closures may hold that object; none of them has to be found. This works on CPython
only, which `check` makes sure of.
"""

from __future__ import annotations

import ctypes
import select
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from types import BuiltinFunctionType
from typing import Any

from ..errors import VirtualTimeError

_POINTER = ctypes.c_void_p
_HEAD = object.__basicsize__
_TAKES_KEYWORDS = 0x82
"""METH_FASTCALL | METH_KEYWORDS: such a function is called with exactly the arguments of PyObject_Vectorcall."""
_SLEEP = time.sleep
_ALL, _REFERENCES = slice(None), 3


class _Definition(ctypes.Structure):
    """PyMethodDef."""

    _fields_ = (("name", ctypes.c_char_p), ("call", _POINTER), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


class _Function(ctypes.Structure):
    """PyCFunctionObject."""

    _fields_ = (
        ("head", ctypes.c_byte * _HEAD), ("definition", ctypes.POINTER(_Definition)), ("self", _POINTER),
        ("module", _POINTER), ("references", _POINTER), ("vectorcall", _POINTER),
    )  # fmt: skip


class Replacement(partial):  # type: ignore[type-arg]
    """The callable behind a changed function: `virtual(real, …)`.

    A process that unpickles it gets that process's own function.
    """

    def __reduce__(self) -> Any:
        return import_module, (self.args[0].__module__,)


def check_python() -> None:
    """Raise VirtualTimeError if this Python's functions and classes can't be changed in place."""
    if sys.implementation.name != "cpython" or not hasattr(select, "poll"):
        raise VirtualTimeError(
            "Virtual time needs CPython on a system with poll, such as Linux or macOS."
            " Mark the test time='manual', time='scaled' or time='real'."
        )
    if _function(_SLEEP).definition.contents.name != b"sleep":
        raise VirtualTimeError("Virtual time doesn't know this build of Python. Mark the test time='manual'.")


def copy_of(function: Any) -> Any:
    """Return a copy of a built-in function. It stays as it is when the function is changed."""
    raw = _function(function)
    make = ctypes.pythonapi.PyCMethod_New
    make.restype, make.argtypes = ctypes.py_object, (_POINTER,) * 4
    return make(ctypes.cast(raw.definition, _POINTER), raw.self, raw.module, None)


def is_builtin(function: Any) -> bool:
    """Return whether a function is built in, and not replaced by another library."""
    return type(function) is BuiltinFunctionType


def with_originals(functions: Iterable[tuple[Any, Any]]) -> tuple[tuple[Any, Any, Any], ...]:
    """Return (function, copy, replacement) for each (function, replacement).

    A function that another library has replaced before is left out.
    """
    return tuple((function, copy_of(function), virtual) for function, virtual in functions if is_builtin(function))


class FunctionPatch:
    """A change to a built-in function: each call of it becomes `virtual(real, …)`, where `real` is a copy of it."""

    def __init__(self, function: Any, real: Any, virtual: Callable[..., Any]) -> None:
        raw, replacement = _function(function), Replacement(virtual, real)
        call = ctypes.cast(ctypes.pythonapi.PyObject_Vectorcall, _POINTER).value
        definition = _Definition(function.__name__.encode(), call, _TAKES_KEYWORDS, raw.definition.contents.doc)
        self._keep_alive = function, replacement, definition
        changed = ctypes.addressof(definition), id(replacement), raw.module, None, _function(print).vectorcall
        self._fields_now = _pointers((_POINTER * 5).from_address(id(function) + _HEAD))
        self._changed, self._before = _pointers((_POINTER * 5)(*changed)), _pointers((_POINTER * 5)(*self._fields_now))

    def apply(self) -> None:
        """Change the function."""
        self._write(self._changed)

    def remove(self) -> None:
        """Restore the function."""
        self._write(self._before)

    def _write(self, pointers: memoryview[int]) -> None:
        """Write all fields at once, as another thread may call the function at any moment.

        The field of weak references is among them and must stay. Nothing is called here, so no other thread can run
        meanwhile.
        """
        pointers[_REFERENCES] = self._fields_now[_REFERENCES]
        self._fields_now[_ALL] = pointers


def _pointers(array: Any) -> memoryview[int]:
    """Return an array of pointers as integers. Writing these is many times faster than memmove."""
    return memoryview(array).cast("B").cast("P")


def _function(function: Any) -> _Function:
    if not is_builtin(function):
        raise VirtualTimeError(
            f"Virtual time needs Python's own functions, but {function!r} has replaced one before virtual time began."
            " Replace it later, in the test, or mark the test time='manual'."
        )
    return _Function.from_address(id(function))
