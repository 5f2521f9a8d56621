"""What a check found, as values: one row for each violation with its first occurrence and its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import printable
from .exchange import Source
from .violation import KINDS, LiveViolation

FAIL_ON = ("breaking", "additive", "cosmetic", "never")
MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A violation, how often it occurred, and where first: the source, and the number of the exchange, from 1."""

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
        """The first occurrence in words. A live answer has no source but its number."""
        return f"{printable(str(self.first))}, exchange {self.number}" if self.first.path else f"exchange {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All rows, worst first; what a baseline accepts is counted apart, and `stale` is what it accepts in vain.

    `judged` is how many answers there were of each operation (`clado status`), `left_out` how many of what else;
    `more` is how many violations of each kind came when there were 1,000 rows of it.
    """

    rows: Sequence[Row] = ()
    accepted: Sequence[Row] = ()
    stale: Sequence[tuple[str, ...]] = ()
    judged: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    more: Mapping[str, int] = field(default_factory=dict)

    def fails(self, fail_on: str) -> bool:
        """Say whether there is anything as bad as `fail_on`, or worse."""
        if fail_on == "never":
            return False
        kinds = {row.violation.kind for row in self.rows} | self.more.keys()
        return any(KINDS.index(kind) <= KINDS.index(fail_on) for kind in kinds)

    def count(self, kind: str) -> int:
        """Return how many rows are of a kind."""
        return sum(row.violation.kind == kind for row in self.rows)


class Tally:
    """Counts violations as they come; the rows are bounded, whatever an API sends."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], Row] = {}
        self._kinds: Counter[str] = Counter()
        self._more: Counter[str] = Counter()
        self.judged: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def begins(self, violation: LiveViolation) -> bool:
        """Say whether it is the first of a row, and there is room for one."""
        return violation.identity not in self._rows and self._kinds[violation.kind] < MOST_ROWS

    def begin(self, violation: LiveViolation, source: Source, number: int) -> None:
        """Begin a row, which counts nothing yet."""
        self._rows[violation.identity] = Row(violation=violation, count=0, first=source, number=number)
        self._kinds[violation.kind] += 1

    def count(self, violation: LiveViolation) -> None:
        """Count one, in its row if it has one."""
        row = self._rows.get(violation.identity)
        if row is None:
            self._more[violation.kind] += 1
        else:
            self._rows[violation.identity] = replace(row, count=row.count + 1)

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
            left_out=dict(self.left_out.most_common()), more=dict(self._more),
        )  # fmt: skip


def _rank(row: Row) -> tuple[int, tuple[str, ...]]:
    return KINDS.index(row.violation.kind), row.violation.identity
