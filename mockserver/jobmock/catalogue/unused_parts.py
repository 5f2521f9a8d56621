"""Finds what a scenario says in vain: faults that no request can meet, and pages or people that no answer has.

Only what is certain counts: how often a client polls isn't known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from ..engine.progression import ALL, Stage
from ..models import Fault, When

_LAST_REQUEST = 1_000_000
"""The last number of a request that the language can name."""
FoundPart = tuple[str, str]
"""Message, JSON Pointer."""


def unused_faults(faults: Sequence[Fault]) -> Iterator[FoundPart]:
    """Yield the faults that no request can meet: the first fault that matches a request is applied to it."""
    earlier: dict[str, list[When]] = {}
    for number, fault in enumerate(faults):
        before = earlier.setdefault(fault.operation, [])
        if fault.when.chance is not None and fault.when.chance <= 0:
            yield "No request meets this fault: its `chance` is 0.", f"/faults/{number}/when/chance"
        elif _covers(before, fault.when):
            text = f"No request meets this fault: earlier faults match all of its {fault.operation!r} requests."
            yield text, f"/faults/{number}/when"
        else:
            before.append(fault.when)


def used_faults(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the faults without those that no request can meet."""
    unused = {pointer.split("/")[2] for _, pointer in unused_faults(faults)}
    return tuple(fault for number, fault in enumerate(faults) if str(number) not in unused)


def _covers(earlier: Sequence[When], when: When) -> bool:
    """Return whether each request that `when` matches is matched by an earlier one."""
    if any(_matches_all(before) for before in earlier):
        return True
    if when.every is not None:
        return any(before.every is not None and when.every % before.every == 0 for before in earlier)
    if when.during is not None:
        return _is_filled(*when.during, [before.during for before in earlier if before.during is not None])
    return when.requests is not None and _are_requests_covered(*when.requests, earlier)


def _matches_all(when: When) -> bool:
    first, last = when.requests or (0, 0)
    return when.every == 1 or (when.chance or 0) >= 1 or (first == 1 and last >= _LAST_REQUEST)


def _are_requests_covered(first: int, last: int, earlier: Sequence[When]) -> bool:
    ranges = [(when.requests[0], when.requests[1] + 1) for when in earlier if when.requests is not None]
    steps = [when.every for when in earlier if when.every is not None]
    number = first
    while number <= last:
        following = _end_of(number, ranges)
        if following == number and any(number % step == 0 for step in steps):
            following += 1
        if following == number:
            return False
        number = following
    return True


def _is_filled(start: int, stop: int, ranges: Sequence[tuple[int, int]]) -> bool:
    """Return whether half-open ranges fill another one."""
    while start < stop:
        if (following := _end_of(start, ranges)) == start:
            return False
        start = following
    return True


def _end_of(start: int, ranges: Sequence[tuple[int, int]]) -> int:
    """Return the end of the longest range that has `start` in it, or `start`."""
    return max((stop for first, stop in ranges if first <= start < stop), default=start)


def unused_pages(stages: Sequence[Stage], people: int, pointer: str) -> Iterator[FoundPart]:
    """Yield the steps whose `pages` name a page or a person that no answer of the step has, at any size of pages."""
    for stage in stages:
        if (pages := stage.step.pages) is None:
            continue
        shown = people if stage.visible == ALL else stage.visible or 0
        claimed = shown if pages.total is None else max(shown, pages.total)
        missing = [
            *(f"page {page}" for page in sorted(pages.empty) if page > shown),
            *(f"page {page}" for page in pages.repeat if page > claimed),
            *(f"item {item}" for item in chain.from_iterable(pages.swap) if item > shown),
        ]
        if missing:
            people_shown = f"{shown or 'no'} {'person' if shown == 1 else 'people'}"
            text = f"`pages` names {missing[0]}, and the step shows {people_shown}."
            yield text, f"{pointer}/{stage.number}/pages"
