"""The table of one report's formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Formats(Generic[R]):
    """The formats of one kind of report. Each is a module of `package` with a function `render`.

    A module is imported when its format is used.
    """

    package: str
    names: tuple[str, ...]

    def render(self, report: R, name: str) -> str:
        """Return a report in one of the formats. It ends with a line break, unless it is empty."""
        render_format: Callable[[R], str] = import_module(f".{name}", self.package).render
        return render_format(report)
