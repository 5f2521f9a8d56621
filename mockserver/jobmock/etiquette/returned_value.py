"""What is known of the value that a client's call returned, without the value itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_DEPTH = 4
_MOST_MEMBERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedValue:
    """What is known of a returned value.

    It is `empty` if it is None or an empty collection. `status` is its member of that name. `count` is the number of
    its records, and `repeated` how many of them are equal to an earlier one. Both are None unless it is a list of
    records, or a mapping with one. `members` are the names in it, at most 200.
    """

    empty: bool = False
    status: str | None = None
    count: int | None = None
    repeated: int | None = None
    members: frozenset[str] = frozenset()


def describe(value: Any) -> ReturnedValue:
    """Return what is known of a value."""
    status = value.get("status") if isinstance(value, Mapping) else None
    records = _only_record_list(value)
    return ReturnedValue(
        empty=value is None or (isinstance(value, Collection) and not value),
        status=status if isinstance(status, str) else None,
        count=None if records is None else len(records),
        repeated=None if records is None else len(records) - _different(records),
        members=frozenset(name for name, _ in zip(_names(value, _DEPTH), range(_MOST_MEMBERS), strict=False)),
    )


def _only_record_list(value: Any) -> list[Any] | None:
    """Return the list of records in a returned value, if it has exactly one."""
    values = value.values() if isinstance(value, Mapping) else [value]
    lists = [value for value in values if isinstance(value, list)]
    return lists[0] if len(lists) == 1 and all(isinstance(each, Mapping) for each in lists[0]) else None


def _different(records: list[Any]) -> int:
    """Return how many different records there are; records that aren't JSON count as different."""
    try:
        return len({orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in records})
    except (TypeError, ValueError):
        return len(records)


def _names(value: Any, depth: int) -> Iterator[str]:
    """Yield the names of the members of mappings, down to a depth. Lists aren't searched: their items are people."""
    if depth and isinstance(value, Mapping):
        for name, member in value.items():
            if isinstance(name, str):
                yield name
            yield from _names(member, depth - 1)
