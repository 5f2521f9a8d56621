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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial, wraps
from importlib import import_module
from inspect import iscoroutinefunction
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any

from ..errors import VirtualTimeError

_POINTER = ctypes.c_void_p
_SIZE = ctypes.sizeof(_POINTER)
_HEAD = object.__basicsize__
_TAKES_KEYWORDS = 0x82
"""METH_FASTCALL | METH_KEYWORDS: such a function is called with exactly what PyObject_Vectorcall takes."""
_CLOSED = 1 << 8
"""Py_TPFLAGS_IMMUTABLETYPE."""
_FLAGS_AT = _HEAD + 8 + 18 * _SIZE
_INHERITED = object()
_SLEEP = time.sleep
_AS_IT_IS = nullcontext()
_COPIES = ctypes.PYFUNCTYPE(_POINTER, _POINTER, _POINTER, ctypes.c_size_t)
_copy = _COPIES(ctypes.cast(ctypes.memmove, _POINTER).value or 0)
"""memmove, without letting another thread in."""
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


async def _awaiting(*args: Any, **kwargs: Any) -> Any:
    """Do so for a coroutine function."""
    function: Any = "the stand-in"
    return await function(*args, **kwargs)


def check() -> None:
    """Raise VirtualTimeError where this Python's functions and classes can't be changed in place."""
    if sys.implementation.name != "cpython" or not hasattr(select, "poll"):
        raise VirtualTimeError(
            "Virtual time needs CPython on a system with poll, such as Linux or macOS."
            " Mark the test time='manual', time='scaled' or time='real'."
        )
    if _function(_SLEEP).definition.contents.name != b"sleep":
        raise VirtualTimeError("Virtual time doesn't know this build of Python. Mark the test time='manual'.")


def copy_of(function: Any) -> Any:
    """Return a function of C once more; the copy stays as it is when the other one is changed."""
    raw = _function(function)
    make = ctypes.pythonapi.PyCMethod_New
    make.restype, make.argtypes = ctypes.py_object, (_POINTER,) * 4
    return make(ctypes.cast(raw.definition, _POINTER), raw.self, raw.module, None)


def with_copies(functions: Iterable[tuple[Any, Any]]) -> tuple[tuple[Any, Any, Any], ...]:
    """Return (function, a copy of it, what stands in for it) for each (function, what stands in for it).

    One that somebody has replaced before is left as it is: it is theirs.
    """
    known = [(one, virtual) for one, virtual in functions if type(one) is BuiltinFunctionType]
    return tuple((function, copy_of(function), virtual) for function, virtual in known)


class Patches:
    """Changes that are prepared once, and then placed and removed as often as needed."""

    def __init__(self) -> None:
        self._functions: list[_FunctionPatch] = []
        self._attributes: dict[Any, list[_AttributePatch]] = {}
        self._placed = False

    def function(self, function: Any, real: Any, virtual: Callable[..., Any]) -> None:
        """Let every call of a function of C be `virtual(real, …)`, where `real` is a copy of it."""
        patch = _FunctionPatch(function, StandIn(virtual, real))
        self._functions.append(patch)
        if self._placed:
            patch.place()

    def python_function(self, function: Any, virtual: Callable[..., Any]) -> None:
        """Let every call of a function of Python be `virtual(real, …)`, by other code in the same object."""

        def code() -> CodeType:
            real = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
            real.__kwdefaults__ = function.__kwdefaults__
            calling = (_awaiting if iscoroutinefunction(function) else _calling).__code__
            constants = (partial(virtual, real) if one == _PLACE else one for one in calling.co_consts)
            return calling.replace(co_consts=tuple(constants))

        self._add(_AttributePatch(function, "__code__", code))

    def method(self, owner: type, name: str, virtual: Callable[..., Any]) -> None:
        """Let every call of a method be `virtual(real, self, …)`."""

        def stand_in() -> Any:
            real = getattr(owner, name)

            @wraps(real)
            def method(self: Any, *args: Any, **kwargs: Any) -> Any:
                return virtual(real, self, *args, **kwargs)

            return method

        self._add(_AttributePatch(owner, name, stand_in))

    def attribute(self, owner: Any, name: str, value: Any) -> None:
        """Give a class or a module another attribute."""
        self._add(_AttributePatch(owner, name, lambda: value))

    def place(self) -> None:
        """Put all in place; where that fails, none is."""
        self._placed = True
        try:
            for patch in self._functions:
                patch.place()
            for owner, attributes in self._attributes.items():
                with _opened(owner) if _is_closed(owner) else _AS_IT_IS:
                    for attribute in attributes:
                        attribute.place()
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Put everything back that is in place."""
        self._placed = False
        for owner, attributes in self._attributes.items():
            with _opened(owner) if _is_closed(owner) else _AS_IT_IS:
                for attribute in attributes:
                    attribute.remove()
        for patch in self._functions:
            patch.remove()

    def _add(self, patch: _AttributePatch) -> None:
        self._attributes.setdefault(patch.owner, []).append(patch)
        if self._placed:
            with _opened(patch.owner) if _is_closed(patch.owner) else _AS_IT_IS:
                patch.place()


class _FunctionPatch:
    """A function of C, and what its object holds while it is changed."""

    def __init__(self, function: Any, stand_in: StandIn) -> None:
        raw = _function(function)
        call = ctypes.cast(ctypes.pythonapi.PyObject_Vectorcall, _POINTER).value
        definition = _Definition(function.__name__.encode(), call, _TAKES_KEYWORDS, raw.definition.contents.doc)
        self._kept = function, stand_in, definition
        self._raw, self._at = raw, id(function) + _Function.definition.offset
        changed = ctypes.addressof(definition), id(stand_in), raw.module, None, _function(print).vectorcall
        real = ctypes.cast(raw.definition, _POINTER).value, raw.self, raw.module, None, raw.vectorcall
        self._changed, self._real = (_POINTER * 5)(*changed), (_POINTER * 5)(*real)

    def place(self) -> None:
        """Change it."""
        self._write(self._changed)

    def remove(self) -> None:
        """Put it back."""
        self._write(self._real)

    def _write(self, pointers: Any) -> None:
        """Write all that defines it at once: another thread may call it at any moment.

        Who refers to it weakly stands between, and stays; no other thread gets a turn between these two lines.
        """
        pointers[3] = self._raw.references
        _copy(self._at, pointers, 5 * _SIZE)


class _AttributePatch:
    """An attribute of a class, a module or a function; `make` returns its other value, again where it was changed."""

    __slots__ = ("_before", "_make", "_name", "_placed", "_value", "owner")

    def __init__(self, owner: Any, name: str, make: Callable[[], Any]) -> None:
        self.owner, self._name, self._make = owner, name, make
        self._before: Any = self._now()
        self._value, self._placed = make(), False

    def place(self) -> None:
        """Set it."""
        if self._now() is not self._before:
            self._before = self._now()
            self._value = self._make()
        setattr(self.owner, self._name, self._value)
        self._placed = True

    def remove(self) -> None:
        """Put it back, or delete it where it was inherited."""
        if not self._placed:
            return
        self._placed = False
        if self._before is _INHERITED:
            delattr(self.owner, self._name)
        else:
            setattr(self.owner, self._name, self._before)

    def _now(self) -> Any:
        if self._name == "__code__":
            return self.owner.__code__
        return vars(self.owner).get(self._name, _INHERITED)


def _function(function: Any) -> _Function:
    if type(function) is not BuiltinFunctionType:
        raise VirtualTimeError(
            f"Virtual time needs Python's own functions, and something has put {function!r} in place of one before it"
            " began. Replace it later, in the test, or mark the test time='manual'."
        )
    return _Function.from_address(id(function))


def _is_closed(owner: Any) -> bool:
    return isinstance(owner, type) and bool(owner.__flags__ & _CLOSED)


@contextmanager
def _opened(owner: Any) -> Iterator[None]:
    """Let the attributes of a class be set that is closed to changes, for the length of a `with` block."""
    flags = ctypes.c_ulong.from_address(id(owner) + _FLAGS_AT)
    if flags.value != owner.__flags__:
        raise VirtualTimeError(f"Virtual time can't change the class {owner.__qualname__} of this Python.")
    flags.value &= ~_CLOSED
    try:
        yield
    finally:
        flags.value |= _CLOSED
