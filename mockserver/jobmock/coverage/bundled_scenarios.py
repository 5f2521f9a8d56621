"""The bundled scenario that brings a cell about. `python -m tests.documents` finds them and writes the files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..api_packages import data_of
from .cells import Cell

NO_SCENARIO = "no bundled scenario"


def file_of(api: str) -> Path:
    """Return the file of an API with a row for each cell: group, cell and scenario. It may be missing."""
    return data_of(api, "scenarios") / "coverage.tsv"


def scenario_for(cell: Cell) -> str | None:
    """Return the name of a bundled scenario that brings a cell about, or None if none does."""
    return _scenarios(cell.api).get(cell)


@cache
def _scenarios(api: str) -> Mapping[Cell, str]:
    file = file_of(api)
    lines = file.read_text("utf-8").splitlines() if file.is_file() else ()
    rows = (line.split("\t") for line in lines)
    return {Cell(api, group, name): scenario for group, name, scenario in rows}
