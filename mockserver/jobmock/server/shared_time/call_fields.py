"""The fields of the calls that a process makes to share a clock, and how each is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any, TypeVar

from ...errors import short_repr
from ..control.fields import Problem

Values = TypeVar("Values", bound=Sized)
Types = Mapping[str, tuple[type, ...]]

_NONE = type(None)
CALLS: Mapping[str, tuple[Types, Types]] = {
    "join": ({"call": (str,), "name": (str,)}, {
        "pid": (int, _NONE), "port": (int, _NONE), "control": (int, _NONE), "now": (int, _NONE), "keys": (list, _NONE),
    }),
    "claim": ({"call": (str,), "port": (int,)}, {}),
    "wait": ({"call": (str,), "until": (int, _NONE), "sent": (dict,)}, {
        "read": (dict, _NONE), "closed": (list, _NONE),
    }),
    "withdraw": ({"call": (str,)}, {}),
}  # fmt: skip
"""The fields of each call that are needed, and those that may be there."""
_MAX_TEXT = 1_000
_MAX_READING = 1 << 62
_MOST = 1_000
"""So many connections or keys are in one call at most."""


def check_text(name: str, value: str) -> None:
    """Raise Problem if a text is empty or too long."""
    if not 0 < len(value) <= _MAX_TEXT:
        raise Problem(400, f"{name!r} is a text of 1 to {_MAX_TEXT} characters.")


def limited(name: str, values: Values) -> Values:
    """Return a list or an object that isn't too long. Raises Problem."""
    if len(values) > _MOST:
        raise Problem(400, f"{name!r} has {len(values)} entries. Allowed: {_MOST} at most.")
    return values


def port_number(name: str, value: Any) -> int:
    """Return a port. Raises Problem."""
    if type(value) is not int or not 0 < value < 65_536:
        raise Problem(400, f"{name!r} has {short_repr(value)}. Allowed: ports, from 1 to 65535.")
    return value


def reading(name: str, value: int | None) -> int | None:
    """Return a reading of the clock, or None. Raises Problem."""
    if value is not None and not 0 <= value <= _MAX_READING:
        raise Problem(400, f"{name!r} is {value}. Allowed: nanoseconds since the clock's start, or null.")
    return value


def byte_counts(name: str, counts: Mapping[str, Any]) -> dict[int, int | None]:
    """Return numbers of bytes by port. Raises Problem."""
    for port, count in limited(name, counts).items():
        if not (len(port) <= 5 and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
            raise Problem(400, f"{name!r} has {short_repr(port)}. Allowed: ports as texts, such as \"51234\".")
        if count is not None and (type(count) is not int or count < 0):
            raise Problem(400, f"{name!r} has {short_repr(count)}. Allowed: numbers of bytes, or null.")
    return {int(port): count for port, count in counts.items()}
