"""The statuses that a job passes on its way to another one, by the table of transitions."""

from __future__ import annotations

from ..engine.transitions import Transitions


def way_to(status: str, transitions: Transitions, first: str | None = None) -> list[str]:
    """Return the shortest way from `first`, or the table's first status, to another one, both included.

    It is empty if no way leads there.
    """
    begin = next(iter(transitions)) if first is None else first
    before: dict[str, str | None] = {begin: None}
    waiting = [begin]
    for present in waiting:  # grows while it is read
        for following in transitions:
            if following in transitions[present] and following not in before:
                before[following] = present
                waiting.append(following)
    way, place = list[str](), status if status in before else None
    while place is not None:
        way.insert(0, place)
        place = before[place]
    return way
