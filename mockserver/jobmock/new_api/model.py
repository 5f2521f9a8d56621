"""A new API, as a document describes it: what the files of its package are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

MARK = "GAP:"
"""What marks a line with a guess or an example."""


class Fact(NamedTuple):
    """A value of the new API's tables, and in words what is guessed about it; None where the document says it."""

    value: Any
    gap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApi:
    """Everything about a new API that differs from the template."""

    tables: Mapping[str, Fact]
    """Name in `tables.py` → its value."""
    answers: Mapping[str, Any]
    """The content of `answers.json`."""
    schemas: Mapping[str, Mapping[str, Any]]
    """File name → schema."""
    progression: Sequence[Mapping[str, Any]]
    """The steps of the usual scenario."""
