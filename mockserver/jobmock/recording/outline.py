"""The outline of a body (its member names and the kinds of its values), and the distance between two outlines.

Outlines are only compared and never written: member names may be somebody's data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .hidden_values import kind_of

_OTHER_RECORDS = 10
"""The distance between two lists whose records have another form."""


def outline_of(body: Any) -> Any:
    """Return the member names and kinds of values of a body; of a list, those of its first item."""
    if isinstance(body, Mapping):
        return {key: outline_of(value) for key, value in body.items()}
    if isinstance(body, list):
        return [outline_of(item) for item in body[:1]]
    return kind_of(body)


def outline_distance(one: Any, other: Any) -> int:
    """Return how many names and kinds differ between two outlines; a list of other records counts as ten."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        common = one.keys() & other.keys()
        return len(one.keys() ^ other.keys()) + sum(outline_distance(one[key], other[key]) for key in common)
    if isinstance(one, list) and isinstance(other, list):
        return _OTHER_RECORDS * (bool(one and other) and not _similar_records(one[0], other[0]))
    return int(one != other)


def _similar_records(one: Any, other: Any) -> bool:
    """Return whether two records share at least half of their names: not every person has every member."""
    names, other_names = set(_member_pointers(one)), set(_member_pointers(other))
    return len(names & other_names) >= len(names | other_names) / 2


def _member_pointers(record: Any, parent: str = "") -> Iterator[str]:
    for key, inner in record.items() if isinstance(record, Mapping) else ():
        yield f"{parent}/{key}"
        yield from _member_pointers(inner, f"{parent}/{key}")
