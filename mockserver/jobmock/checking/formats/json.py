"""JSON, for programs: everything in the report."""

from __future__ import annotations

from typing import Any

from ...reports.json import to_json
from ...reports.plain_text import valid_unicode
from ..report import Report, Row


def render(report: Report) -> str:
    """Return the report as one JSON object."""
    data = {
        "violations": [_row(row) for row in report.rows],
        "accepted": [_row(row) for row in report.accepted],
        "stale": [" ".join(filter(None, identity)) for identity in report.stale],
        "judged": report.judged,
        "left_out": report.left_out,
        "odd": [
            {"reason": odd.reason, "count": odd.count, "first": valid_unicode(str(odd.first))} for odd in report.odd
        ],
        "more": report.more,
        "exchanges": report.exchanges,
    }
    return to_json(data)


def _row(row: Row) -> dict[str, Any]:
    violation = row.violation
    return {
        "kind": violation.kind, "rule": violation.rule, "api": violation.api, "operation": violation.operation,
        "status": violation.status, "pointer": violation.pointer, "found": violation.found,
        "message": violation.message, "source": violation.source, "document": violation.document,
        "schemas": violation.places, "count": row.count,
        "first": {"source": valid_unicode(str(row.first)), "number": row.number},
    }  # fmt: skip
