"""Markdown: a table of all groups, and the cells that are missing in a block that is folded away."""

from __future__ import annotations

from ...reports.markdown import details, escaped, table
from ..bundled_scenarios import NO_SCENARIO, scenario_for
from ..coverage import Coverage, Share
from . import NOTHING

_NUMBERS = ("Met", "All", "%")
_MISSING = ("API", "Group", "Not met", "Scenario")


def render(coverage: Coverage) -> str:
    """Return the coverage as Markdown."""
    if not coverage.apis:
        return f"{NOTHING}\n"
    rows = [_cells(share) for share in coverage.shares()]
    shares = table(("API", "Group", *_NUMBERS), rows, numbers=_NUMBERS)
    missing = [
        (*map(escaped, cell), escaped(scenario_for(cell) or NO_SCENARIO)) for cell in coverage.missing()
    ]  # fmt: skip
    return shares + (f"\n{details(f'{len(missing)} not met', table(_MISSING, missing))}" if missing else "")


def _cells(share: Share) -> tuple[object, ...]:
    return escaped(share.api or "all"), escaped(share.group or "in all"), share.met, share.all, f"{share.percent:.1f}"
