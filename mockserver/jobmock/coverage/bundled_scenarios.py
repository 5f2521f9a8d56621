"""The bundled scenario that brings a cell about. `python -m tests.documents` finds them and writes the file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .. import resources
from .cells import Cell

FILE = resources.package_file("coverage/bundled_scenarios.tsv")
"""The table of API, group, cell and scenario."""
NO_SCENARIO = "no bundled scenario"


def scenario_for(cell: Cell) -> str | None:
    """Return the name of a bundled scenario that brings a cell about, or None if none does."""
    return _scenarios().get(cell)


@cache
def _scenarios() -> Mapping[Cell, str]:
    lines = FILE.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {Cell(api, group, name): scenario for api, group, name, scenario in rows}
