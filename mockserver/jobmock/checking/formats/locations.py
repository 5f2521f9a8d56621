"""Where a violation was first met, as CI systems want it: a file, and a line of it where there are lines."""

from __future__ import annotations

from typing import NamedTuple

from ..report import Row


class Place(NamedTuple):
    """A file and a line, from 1; a live answer is in no file, so its schema stands for it."""

    file: str
    line: int


def place(row: Row) -> Place:
    """Return the place of a row's first occurrence."""
    if not row.first.path:
        return Place(f"schemas/{row.violation.document or f'{row.violation.api}/openapi.yaml'}", 1)
    return Place(row.first.path, row.first.line or 1)
