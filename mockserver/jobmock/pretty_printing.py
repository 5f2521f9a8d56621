"""Prints values as the call that makes them, without the members that have their default."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any


class PrettyPrinted:
    """A dataclass that IPython and Hypothesis print as the call that makes it, without defaults."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the value with a pretty printer of IPython or Hypothesis."""
        given = [one for one in fields(self) if one.repr]  # type: ignore[arg-type]
        shown = [one.name for one in given if _usual(one) != getattr(self, one.name)]
        with printer.group(4, f"{type(self).__name__}(", ")"):
            for number, name in enumerate(shown):
                printer.text("," if number else "")
                printer.breakable(" " if number else "")
                printer.text(f"{name}=")
                printer.pretty(getattr(self, name))


def _usual(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()
