"""From a report to changes of `schemas/` that accept it: a JSON Patch for each document, and what is left to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..report import Report, Row
from .json_patch import Operation
from .proposals import BY_HAND, UNPLACED, merged, proposed

__all__ = ["Proposal", "proposal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """JSON Patches (RFC 6902) by document, such as `clado/status.json`; `by_hand` is what has none, and why."""

    patches: Mapping[str, Sequence[Operation]] = field(default_factory=dict)
    by_hand: Sequence[tuple[Row, str]] = ()


def proposal(report: Report) -> Proposal:
    """Return what would make the schemas accept what a report has, as far as no judgement is needed."""
    changes, by_hand = [], []
    for row in report.rows:
        found = proposed(row.violation)
        changes += found
        if not found:
            by_hand.append((row, BY_HAND.get(row.violation.rule, UNPLACED)))
    return Proposal(patches=merged(changes), by_hand=by_hand)
