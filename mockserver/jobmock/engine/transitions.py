"""Which status may follow which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..models import Step

Transitions = Mapping[str, frozenset[str]]
"""Status → the statuses that may follow it, also with others skipped. A terminal status has none."""


def illegal_steps(steps: Sequence[Step], transitions: Transitions) -> Iterator[tuple[int, str, str]]:
    """Yield (index, status before, status) of each step that may not follow the one before it.

    A step may repeat the status before it. Unknown statuses are not judged.
    """
    before: str | None = None
    for index, step in enumerate(steps):
        if step.status not in transitions:
            continue
        if before not in (None, step.status) and step.status not in transitions[before or ""]:
            yield index, before or "", step.status
        before = step.status
