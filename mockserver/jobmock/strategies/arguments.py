"""Arguments of strategies are judged when the strategy is made: what is wrong, what is allowed, the nearest name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .. import apis
from ..clock import SECOND
from ..dialect.api import Api
from ..errors import UsageError, hint


def api_named(name: str) -> Api:
    """Return an API by its name. Raises UsageError."""
    return apis.load(one("api", name, apis.names()))


def one(what: str, wanted: object, allowed: Sequence[str]) -> str:
    """Return a name that is allowed. Raises UsageError."""
    if not isinstance(wanted, str) or wanted not in allowed:
        raise UsageError(f"Unknown {what} {wanted!r}. Allowed: {', '.join(allowed)}.{hint(wanted, allowed)}")
    return wanted


def several(what: str, wanted: Collection[str] | None, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the names that are wanted, in the order of those allowed; None for all. Raises UsageError."""
    if wanted is None:
        return tuple(allowed)
    if isinstance(wanted, str) or not wanted:
        raise UsageError(f"{what!r} holds one or more names, not {wanted!r}. Allowed: {', '.join(allowed)}.")
    for name in wanted:
        one(f"name in {what!r}:", name, allowed)
    return tuple(name for name in allowed if name in wanted)


def within(what: str, value: object, least: int, most: int) -> int:
    """Return a whole number that is in its bounds. Raises UsageError."""
    if type(value) is not int or not least <= value <= most:
        raise UsageError(f"{what!r} is a whole number from {least} to {most}, not {value!r}.")
    return value


def nanoseconds(what: str, seconds: object) -> int:
    """Return a time given in seconds. Raises UsageError."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < float("inf"):
        raise UsageError(f"{what!r} is a number of seconds, 0 or more, not {seconds!r}.")
    return round(seconds * SECOND)


def many(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number} {what}{'s' * (number != 1)}"
