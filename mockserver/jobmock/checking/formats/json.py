"""JSON, for programs: everything in the report."""

from __future__ import annotations

from typing import Any

import orjson

from ..report import Report, Row


def render(report: Report) -> str:
    """Return the report as one JSON object."""
    data = {
        "violations": [_row(row) for row in report.rows],
        "accepted": [_row(row) for row in report.accepted],
        "stale": [" ".join(filter(None, identity)) for identity in report.stale],
        "judged": report.judged,
        "left_out": report.left_out,
        "more": report.more,
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _row(row: Row) -> dict[str, Any]:
    violation = row.violation
    return {
        "kind": violation.kind, "rule": violation.rule, "api": violation.api, "operation": violation.operation,
        "status": violation.status, "pointer": violation.pointer, "found": violation.found,
        "message": violation.message, "source": violation.source, "document": violation.document,
        "schemas": violation.places, "count": row.count,
        "first": {"source": _text(str(row.first)), "number": row.number},
    }  # fmt: skip


def _text(name: str) -> str:
    """Return a file's name with escapes for bytes that aren't UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode()
