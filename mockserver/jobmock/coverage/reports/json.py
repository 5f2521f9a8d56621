"""JSON, for programs: all cells with their counts, and what is missing."""

from __future__ import annotations

from typing import Any

from ...reports.json import to_json
from ...version import __version__
from ..coverage import Coverage


def render(coverage: Coverage) -> str:
    """Return the coverage as one JSON object."""
    return to_json(report(coverage))


def report(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as JSON data, with the version of jobmock."""
    return {"jobmock": __version__, **coverage.to_json()}
