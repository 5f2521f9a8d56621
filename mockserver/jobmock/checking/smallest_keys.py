"""Values by key, for the smallest keys only: what is kept doesn't depend on the order in which keys come."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound="tuple[str, ...] | str")
Value = TypeVar("Value")


class SmallestKeys(Generic[Key, Value]):
    """The values of the smallest keys. There may be twice as many as `most`, until `prune` drops the others."""

    def __init__(self, most: int) -> None:
        self._most, self._values = most, dict[Key, Value]()
        self._largest: Any = None
        """The largest key that may still be added, once there were too many."""

    def values(self) -> Iterator[Value]:
        """Yield each value."""
        yield from self._values.values()

    def get(self, key: Key) -> Value | None:
        """Return the value of a key; None if it isn't kept."""
        return self._values.get(key)

    def has_room(self, key: Key) -> bool:
        """Return whether a new key may be among the smallest."""
        return self._largest is None or key < self._largest

    def add(self, key: Key, value: Value) -> None:
        """Set the value of a key that has room, and sometimes drop the largest keys."""
        self._values[key] = value
        if len(self._values) > 2 * self._most:
            self.prune()

    def prune(self) -> None:
        """Drop all but the smallest keys."""
        if len(self._values) > self._most:
            kept = nsmallest(self._most, self._values)
            self._values, self._largest = {key: self._values[key] for key in kept}, kept[-1]
