"""A document: plain data, with the place of each value in its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from ..errors import Origin, Problem, ScenarioError


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain data and its source."""

    data: Any
    origin: Origin


def raise_problem(message: str, source: str, where: tuple[int, int] = (1, 1)) -> NoReturn:
    """Raise a ScenarioError with one Problem at a line and column."""
    raise ScenarioError([Problem(message=message, origin=Origin(source=source, marks={"": where}))])
