"""The report of a check: one row for each violation, with its first occurrence and its count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import printable
from .exchange import Source
from .recorded_jobs import RecordedJobs
from .violation import KINDS, Identity, LiveViolation

FAIL_ON = (*KINDS, "never")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A violation, its count, and its first occurrence: the source, and the number of the exchange from 1."""

    violation: LiveViolation
    count: int
    first: Source
    number: int

    @property
    def times(self) -> str:
        """The count in words."""
        return "once" if self.count == 1 else f"{self.count} times"

    @property
    def place(self) -> str:
        """The first occurrence in words. A live answer has only its number."""
        return f"{printable(str(self.first))}, exchange {self.number}" if self.first.path else f"exchange {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OddEntries:
    """The entries of recordings that can't be read for one reason: how many, and the first place."""

    reason: str
    count: int
    first: Source

    def __str__(self) -> str:
        return f"unreadable: {self.reason} (first {printable(str(self.first))})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All rows, the worst kind first. `accepted` are the rows that a baseline accepts, `stale` its unused identities.

    `judged` is the number of answers by operation (`clado status`), `left_out` of those that weren't judged by reason.
    `odd` are the entries of recordings that can't be read. `more` is the number of violations by kind that had no room,
    because there are at most 1,000 rows of each kind. `exchanges` is how many entries there were.
    """

    rows: Sequence[Row] = ()
    accepted: Sequence[Row] = ()
    stale: Sequence[Identity] = ()
    judged: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    odd: Sequence[OddEntries] = ()
    more: Mapping[str, int] = field(default_factory=dict)
    exchanges: int = 0
    jobs: RecordedJobs | None = None
    """The jobs over time, if a picture of them is wanted."""

    def fails(self, fail_on: str) -> bool:
        """Return whether there is a violation of this kind, or of a worse one."""
        if fail_on == "never":
            return False
        kinds = {row.violation.kind for row in self.rows} | self.more.keys()
        return any(KINDS.index(kind) <= KINDS.index(fail_on) for kind in kinds)

    def count(self, kind: str) -> int:
        """Return the number of rows of a kind."""
        return sum(row.violation.kind == kind for row in self.rows)
