"""Which status may follow which."""

from __future__ import annotations

import pytest

from jobmock.engine.transitions import illegal_steps
from jobmock.models import Step

TRANSITIONS = {
    "pending": frozenset({"running", "done", "failed"}),
    "running": frozenset({"done", "failed"}),
    "done": frozenset({"pending"}),
    "failed": frozenset[str](),
}


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        ("", []),
        ("pending running done", []),
        ("done", []),
        ("failed", []),
        ("pending done", []),
        ("pending pending running running done done", []),
        ("failed failed", []),
        ("done pending failed", []),
        ("running pending", [(1, "running", "pending")]),
        ("failed running", [(1, "failed", "running")]),
        ("failed running done", [(1, "failed", "running")]),
        ("pending failed done running", [(2, "failed", "done"), (3, "done", "running")]),
        ("running not_found done", []),
        ("running not_found pending", [(2, "running", "pending")]),
        ("strange running", []),
        ("running strange pending", [(2, "running", "pending")]),
        ("running strange running", []),
    ],
)
def test_illegal_steps(statuses: str, found: list[tuple[int, str, str]]) -> None:
    """A status may be first, repeated or skipped, else the table decides; an unknown status is ignored."""
    steps = [Step(status=status) for status in statuses.split()]
    assert list(illegal_steps(steps, TRANSITIONS)) == found
