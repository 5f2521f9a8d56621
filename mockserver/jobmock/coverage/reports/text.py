"""Text for a terminal: a table of all groups, and the cells that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ...reports.plain_text import columns
from ..bundled_scenarios import NO_SCENARIO, scenario_for
from ..coverage import Coverage, Share
from . import NOTHING

_HEADINGS = ("API", "Group", "  Met / all", "     %")


def render(coverage: Coverage) -> str:
    """Return the coverage as text."""
    if not coverage.apis:
        return f"{NOTHING}\n"
    rows = [_cells(share) for share in coverage.shares()]
    return columns([_HEADINGS, *rows]) + "".join(f"{line}\n" for line in _missing(coverage))


def _cells(share: Share) -> tuple[str, ...]:
    return share.api or "all", share.group or "in all", f"{share.met:5} / {share.all:3}", f"{share.percent:6.1f}"


def _missing(coverage: Coverage) -> Iterator[str]:
    """Yield the lines about what is missing: each group, and its cells with the scenarios that bring them about."""
    missing = coverage.missing()
    if missing:
        yield ""
        yield "Not met, with a scenario that brings it about:"
    width = max((len(cell.name) for cell in missing), default=0)
    for (api, group), cells in groupby(missing, key=lambda cell: cell[:2]):
        yield f"  {api} {group}"
        yield from (f"    {cell.name:{width}}  {scenario_for(cell) or NO_SCENARIO}" for cell in cells)
