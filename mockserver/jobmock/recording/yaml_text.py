"""A recorded scenario as YAML with comments. The same scenario always has the same text."""

from __future__ import annotations

from collections.abc import Sequence

from ..models import Scenario
from ..scenario import to_text

_HEAD = "# Recorded by jobmock: statuses, times and faults as they were seen; people, ids and texts are synthetic.\n"
_NOTES_HEAD = "# What a scenario can't reproduce, by operation and number of the request:\n"
_MOST_NOTES = 20


def commented_yaml(scenario: Scenario, notes: Sequence[str]) -> str:
    """Return the file's text. Raises ScenarioError if the scenario language can't express the scenario."""
    lines = [f"# - {note}\n" for note in notes[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        lines.append(f"# - and {len(notes) - _MOST_NOTES} more.\n")
    return _HEAD + (_NOTES_HEAD + "".join(lines) if lines else "") + to_text(scenario)
