"""Where a violation was first met, as CI systems want it: a file, and a line of it where there are lines."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..report import Row

_SOURCE = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+))?(?:#.*)?", re.DOTALL)


class Place(NamedTuple):
    """A file and a line, from 1; a live answer is in no file, so its schema stands for it."""

    file: str
    line: int


def place(row: Row) -> Place:
    """Return the place of a row's first occurrence."""
    found = _SOURCE.fullmatch(row.first)
    if found is None or not found["file"]:
        return Place(f"schemas/{row.violation.document or f'{row.violation.api}/openapi.yaml'}", 1)
    return Place(found["file"], int(found["line"] or 1))
