"""Reports of checks as they are saved in JSON: read again, and merged into one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from ..errors import UsageError
from ..files import read_regular_file
from .exchange import WRONG_FORM, Source, reason_without_values
from .report import OddEntries, Report, Row
from .report_builder import ReportBuilder
from .violation import RULES, LiveViolation

_MOST_BYTES = 256 << 20
_PLACE = re.compile(r"(?P<path>.*?)(?::(?P<line>\d+))?(?:#(?P<fragment>.*))?", re.DOTALL)


def read_report(path: Path) -> Report:
    """Return the report in a file that `check --format json` wrote. Raises UsageError."""
    try:
        return _report(orjson.loads(read_regular_file(path, _MOST_BYTES)))
    except OSError as error:
        raise UsageError(f"The report {path} can't be read: {error.strerror or error}.") from None
    except WRONG_FORM as error:
        text = f"{path} is no report of a check in JSON: {reason_without_values(error)}."
        raise UsageError(f"{text} Write one with `check --format json --output FILE`.") from None


def merge_reports(reports: Sequence[Report]) -> Report:
    """Return the report of one check of everything that these are about, in this order."""
    builder, number = ReportBuilder(), 0
    for report in reports:
        builder.merge([ReportBuilder.of(report)], number)
        number += report.exchanges
    accepted = frozenset(row.violation.identity for report in reports for row in report.accepted)
    stale = set.intersection(*(set(report.stale) for report in reports))
    return replace(builder.build(accepted), stale=sorted(stale), exchanges=number)


def _report(data: Mapping[str, Any]) -> Report:
    return Report(
        rows=[_row(row) for row in data["violations"]], accepted=[_row(row) for row in data["accepted"]],
        stale=[(str(words),) for words in data["stale"]], judged=_counts(data["judged"]),
        left_out=_counts(data["left_out"]), more=_counts(data["more"]), exchanges=int(data["exchanges"]),
        odd=[
            OddEntries(reason=str(odd["reason"]), count=int(odd["count"]), first=_place(odd["first"]))
            for odd in data["odd"]
        ],
    )  # fmt: skip


def _row(row: Mapping[str, Any]) -> Row:
    if row["rule"] not in RULES:
        raise ValueError("An unknown rule")
    words = {name: str(row[name]) for name in ("rule", "api", "operation", "pointer", "found", "message", "source",
                                               "document")}  # fmt: skip
    violation = LiveViolation(**words, status=int(row["status"]), places=tuple(map(str, row["schemas"])))
    first = row["first"]
    return Row(violation=violation, count=int(row["count"]), first=_place(first["source"]), number=int(first["number"]))


def _counts(counts: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(count) for name, count in counts.items()}


def _place(text: str) -> Source:
    found = _PLACE.fullmatch(text)
    assert found is not None
    return Source(found["path"], int(found["line"] or 0), found["fragment"] or "")
