"""The file and line of a violation's first occurrence, which CI systems need."""

from __future__ import annotations

from typing import NamedTuple

from ..report import Row


class Location(NamedTuple):
    """A file and a line, from 1. A live answer is in no file, so it has its schema's."""

    file: str
    line: int


def first_location(row: Row) -> Location:
    """Return the location of a row's first occurrence."""
    if not row.first.path:
        return Location(f"schemas/{row.violation.document or f'{row.violation.api}/openapi.yaml'}", 1)
    return Location(row.first.path, row.first.line or 1)
