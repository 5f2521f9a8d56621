"""How many requests a service has answered, and with which faults. The journal loses old exchanges, so it can't say."""

from __future__ import annotations

from typing import NamedTuple

_STATUSES = 1_000


class CountedRequests(NamedTuple):
    """How many requests of an operation had a status. `operation` is None for an unknown route or method."""

    api: str
    operation: str | None
    status: int
    number: int


class RequestCounts:
    """The counts of one service."""

    def __init__(self) -> None:
        self._of_operations: dict[tuple[str, str | None], list[int]] = {}
        self.faults: dict[tuple[str, str], int] = {}
        """API and label of a fault → how many requests met it."""

    def of(self, api: str, operation: str | None) -> list[int]:
        """Return the counts of an operation, at the place of each HTTP status. Each answer adds 1 there."""
        return self._of_operations.setdefault((api, operation), [0] * _STATUSES)

    def add_fault(self, api: str, label: str) -> None:
        """Count a request that met a fault."""
        self.faults[api, label] = self.faults.get((api, label), 0) + 1

    def requests(self) -> list[CountedRequests]:
        """Return the present counts of all operations."""
        return [
            CountedRequests(api, operation, status, count)
            for (api, operation), counts in self._of_operations.items() for status, count in enumerate(counts) if count
        ]  # fmt: skip
