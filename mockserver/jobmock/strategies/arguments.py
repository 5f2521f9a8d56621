"""Checks of the arguments of strategies, made when the strategy is created.

Each error names the wrong value, the allowed ones and the nearest name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from .. import apis
from ..clock import SECOND
from ..dialect.api import Api
from ..errors import UsageError, hint, short_repr
from ..models import Scenario

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def load_api(name: str) -> Api:
    """Return the API of a name. Raises UsageError."""
    return apis.load(allowed_name("api", name, apis.names()))


def allowed_name(what: str, wanted: object, allowed: Sequence[str]) -> str:
    """Return `wanted` if it is one of the allowed names. Raises UsageError."""
    if not isinstance(wanted, str) or wanted not in allowed:
        raise UsageError(f"Unknown {what} {wanted!r}. Allowed: {', '.join(allowed)}.{hint(wanted, allowed)}")
    return wanted


def allowed_names(what: str, wanted: Collection[str] | None, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the wanted names in the order of the allowed ones; None means all. Raises UsageError."""
    if wanted is None:
        return tuple(allowed)
    if isinstance(wanted, str) or not isinstance(wanted, Collection) or not wanted:
        raise UsageError(f"{what!r} holds one or more names, not {wanted!r}. Allowed: {', '.join(allowed)}.")
    for name in wanted:
        allowed_name(f"name in {what!r}:", name, allowed)
    return tuple(name for name in allowed if name in wanted)


def bounded_int(what: str, value: object, least: int, most: int) -> int:
    """Return `value` if it is a whole number within the bounds. Raises UsageError."""
    if type(value) is not int or not least <= value <= most:
        raise UsageError(f"{what!r} is a whole number from {least} to {most}, not {value!r}.")
    return value


def strategy(what: str, value: Any, examples: str) -> SearchStrategy[Any]:
    """Return `value` if it is a strategy of Hypothesis; `examples` names what it draws. Raises UsageError."""
    from hypothesis.strategies import SearchStrategy

    if not isinstance(value, SearchStrategy):
        text = f"{what!r} is a strategy of Hypothesis that draws {examples}, such as those of jobmock.strategies"
        raise UsageError(f"{text}, not {short_repr(value)}.")
    return value


def drawn_scenario(value: object, api: Api) -> Scenario:
    """Return what a strategy of scenarios drew, if it is a scenario of the API. Raises UsageError."""
    if not isinstance(value, Scenario):
        raise UsageError(f"'scenarios' is a strategy that draws scenarios, and it drew {short_repr(value)}.")
    if value.api != api.name:
        raise UsageError(f"The client is one of {api.name}, and the scenario belongs to {value.api}.")
    return value


def check_type(what: str, value: object, kind: type, words: str) -> None:
    """Raise UsageError if `value` is neither None nor of a type; `words` names that type."""
    if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
        raise UsageError(f"{what!r} is {words}, not {short_repr(value)}.")


def nanoseconds(what: str, seconds: object) -> int:
    """Return a time in nanoseconds, given in seconds. Raises UsageError."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < float("inf"):
        raise UsageError(f"{what!r} is a number of seconds, 0 or more, not {seconds!r}.")
    return round(seconds * SECOND)


def count_text(number: int, what: str) -> str:
    """Return a number with its noun, such as "1 script" or "2 scripts"."""
    return f"{number} {what}{'s' * (number != 1)}"
