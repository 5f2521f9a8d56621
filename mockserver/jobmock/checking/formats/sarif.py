"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from ...reports.json import to_json
from ...version import __version__
from ..report import Report, Row
from ..violation import RULES, Identity
from .locations import first_location

_LEVELS = {"breaking": "error", "additive": "warning", "cosmetic": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> str:
    """Return the report as a SARIF log. What a baseline accepts is in it as suppressed."""
    rules = [
        {
            "id": name, "shortDescription": {"text": f"{rule.title}."},
            "defaultConfiguration": {"level": _LEVELS[rule.kind]},
        }
        for name, rule in RULES.items()
    ]  # fmt: skip
    driver = {"name": "jobmock", "version": __version__, "semanticVersion": __version__, "rules": rules}
    results = [_result(row) for row in report.rows] + [
        {**_result(row), "suppressions": [{"kind": "external", "justification": "accepted by the baseline"}]}
        for row in report.accepted
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return to_json(log)


def _result(row: Row) -> dict[str, Any]:
    violation, location = row.violation, first_location(row)
    return {
        "ruleId": violation.rule,
        "ruleIndex": list(RULES).index(violation.rule),
        "level": _LEVELS[violation.kind],
        "message": {"text": f"{violation.where}: {violation.words} First in {row.place}."},
        "occurrenceCount": row.count,
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(location.file)}, "region": {"startLine": location.line},
                },
                "logicalLocations": [{"fullyQualifiedName": violation.where, "kind": "member"}],
            }
        ],
        "partialFingerprints": {"jobmock/v1": _fingerprint(violation.identity)},
    }  # fmt: skip


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file.replace("\\", "/"), errors="surrogateescape")


def _fingerprint(identity: Identity) -> str:
    return blake2b("\0".join(identity).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
