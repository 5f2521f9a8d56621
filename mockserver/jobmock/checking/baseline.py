"""The baseline: a file with known violations that a check accepts. It is kept in a repository and read in reviews."""

from __future__ import annotations

from pathlib import Path

import orjson

from ..errors import UsageError, short_repr
from ..files import read_regular_file, write_file
from .exchange import reason_without_values
from .report import Report
from .violation import RULES, Identity

_MOST_BYTES = 64 << 20
_MEMBERS = ("api", "operation", "status", "rule", "pointer", "found")


def read_baseline(path: Path) -> frozenset[Identity]:
    """Return the identities of the violations that a baseline accepts. Raises UsageError."""
    try:
        rows = orjson.loads(read_regular_file(path, _MOST_BYTES))["accepted"]
        accepted = [tuple(str(row[member]) for member in _MEMBERS) for row in rows]
    except OSError as error:
        raise UsageError(f"The baseline {path} can't be read: {error.strerror or error}.") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        text = f"{path} is no baseline: {reason_without_values(error)}."
        raise UsageError(f"{text} Write one with --write-baseline.") from None
    unknown = sorted({row[3] for row in accepted} - RULES.keys())
    if unknown:
        text = f"The baseline {path} names an unknown rule {short_repr(unknown[0])}."
        raise UsageError(f"{text} Allowed: {', '.join(RULES)}.")
    return frozenset(accepted)


def save_baseline(path: Path, report: Report) -> int:
    """Write a baseline that accepts everything in a report; return its number of rows. Raises UsageError.

    What the report's own baseline accepted is accepted again.
    """
    identities = sorted(row.violation.identity for row in (*report.rows, *report.accepted))
    rows = [dict(zip(_MEMBERS, identity, strict=True)) for identity in identities]
    text = orjson.dumps({"version": 1, "accepted": rows}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        write_file(path, text)
    except OSError as error:
        raise UsageError(f"The baseline {path} can't be written: {error.strerror or error}.") from None
    return len(rows)


def update(path: Path, report: Report) -> str:
    """Write the baseline of a report again, and return in words what has changed. Raises UsageError."""
    save_baseline(path, report)
    kept, added, removed = len(report.accepted), len(report.rows), len(report.stale)
    return f"{added} violation{'s' * (added != 1)} added, {removed} removed, {kept} kept"
