"""A recorded scenario as commented YAML, in the one form that the same scenario always has."""

from __future__ import annotations

from collections.abc import Sequence

from ..models import Scenario
from ..scenario import to_text

_HEAD = "# Recorded by jobmock: statuses, times and faults as they were seen; people, ids and texts are synthetic.\n"
_UNSAID = "# What a scenario can't say, of the requests of each operation by their number:\n"
_MOST = 20


def commented(scenario: Scenario, notes: Sequence[str]) -> str:
    """Return the file's text; raises ScenarioError where the language can't say what the scenario holds."""
    lines = [f"# - {note}\n" for note in notes[:_MOST]]
    if len(notes) > _MOST:
        lines.append(f"# - and {len(notes) - _MOST} more.\n")
    return _HEAD + (_UNSAID + "".join(lines) if lines else "") + to_text(scenario)
