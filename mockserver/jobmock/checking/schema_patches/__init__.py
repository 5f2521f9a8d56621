"""Proposed changes of `schemas/` that would accept a report: a JSON Patch for each document, and the rest by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..report import Report, Row
from .json_patch import PatchOperation
from .schema_changes import BY_HAND, NO_PLACE, merge_changes, propose_changes

__all__ = ["Proposal", "propose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """JSON Patches (RFC 6902) by document, such as `clado/status.json`; `by_hand` has the other rows with reasons."""

    patches: Mapping[str, Sequence[PatchOperation]] = field(default_factory=dict)
    by_hand: Sequence[tuple[Row, str]] = ()


def propose(report: Report) -> Proposal:
    """Return the changes that would make the schemas accept a report, unless a person has to decide."""
    changes, by_hand = [], []
    for row in report.rows:
        found = propose_changes(row.violation)
        changes += found
        if not found:
            by_hand.append((row, BY_HAND.get(row.violation.rule, NO_PLACE)))
    return Proposal(patches=merge_changes(changes), by_hand=by_hand)
