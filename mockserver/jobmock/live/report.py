"""What a check found, as values: one row for each violation with its first occurrence and its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import printable
from .violation import KINDS, LiveViolation

FAIL_ON = ("breaking", "additive", "cosmetic", "never")
MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A violation, how often it occurred, and where first: the source, and the number of the exchange, from 1."""

    violation: LiveViolation
    count: int
    first: str
    number: int

    @property
    def times(self) -> str:
        """The count in words."""
        return "once" if self.count == 1 else f"{self.count} times"

    @property
    def place(self) -> str:
        """The first occurrence in words. A live answer has no source but its number."""
        return f"{printable(self.first)}, exchange {self.number}" if self.first else f"exchange {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All rows, worst first; what a baseline accepts is counted apart, and `stale` is what it accepts in vain.

    `judged` is how many answers there were of each operation (`clado status`), `left_out` how many of what else;
    `more` violations came when there were 1,000 rows.
    """

    rows: Sequence[Row] = ()
    accepted: Sequence[Row] = ()
    stale: Sequence[tuple[str, ...]] = ()
    judged: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    more: int = 0

    def fails(self, fail_on: str) -> bool:
        """Say whether there is anything as bad as `fail_on`, or worse."""
        if fail_on == "never":
            return False
        return any(KINDS.index(row.violation.kind) <= KINDS.index(fail_on) for row in self.rows)

    def count(self, kind: str) -> int:
        """Return how many rows are of a kind."""
        return sum(row.violation.kind == kind for row in self.rows)


class Tally:
    """Counts violations as they come; the rows are bounded, whatever an API sends."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], Row] = {}
        self._more = 0
        self.judged: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def knows(self, violation: LiveViolation) -> bool:
        """Say whether there is a row for it."""
        return violation.identity in self._rows

    def add(self, violation: LiveViolation, source: str, number: int) -> None:
        """Count one."""
        row = self._rows.get(violation.identity)
        if row is None and len(self._rows) >= MOST_ROWS:
            self._more += 1
            return
        new = row or Row(violation=violation, count=0, first=source, number=number)
        self._rows[violation.identity] = replace(new, count=new.count + 1)

    def leave_out(self, what: str) -> None:
        """Count something that wasn't judged; of too many different ones no more names are kept."""
        known = what in self.left_out or len(self.left_out) < MOST_ROWS
        self.left_out[what if known else "others"] += 1

    def report(self, accepted: frozenset[tuple[str, ...]]) -> Report:
        """Return what was found so far, given the identities that a baseline accepts."""
        rows = sorted(self._rows.values(), key=_rank)
        return Report(
            rows=[row for row in rows if row.violation.identity not in accepted],
            accepted=[row for row in rows if row.violation.identity in accepted],
            stale=sorted(accepted - self._rows.keys()), judged=dict(sorted(self.judged.items())),
            left_out=dict(self.left_out.most_common()), more=self._more,
        )  # fmt: skip


def _rank(row: Row) -> tuple[int, tuple[str, ...]]:
    return KINDS.index(row.violation.kind), row.violation.identity
