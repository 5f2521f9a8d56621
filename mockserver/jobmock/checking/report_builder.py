"""Builds a report from violations as they occur. The number of rows is limited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..redaction import redact
from .exchange import Source
from .report import OddEntries, Report, Row
from .smallest_keys import SmallestKeys
from .violation import KINDS, Identity, LiveViolation

MOST_ROWS = 1_000


class _Found:
    """A row and its count."""

    __slots__ = ("count", "row")

    def __init__(self, row: Row, count: int) -> None:
        self.row, self.count = row, count


class ReportBuilder:
    """Counts judged answers, answers that are left out, and violations.

    Of too many violations, those with the smallest identities have a row. So it doesn't matter how traffic is shared.
    """

    def __init__(self) -> None:
        self._found = {kind: SmallestKeys[Identity, _Found](MOST_ROWS) for kind in KINDS}
        self._found_in_all: Counter[str] = Counter()
        self.judged: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self._odd: dict[str, OddEntries] = {}

    @classmethod
    def of(cls, report: Report) -> ReportBuilder:
        """Return a builder with everything that is in a report."""
        made = cls()
        for row in (*report.rows, *report.accepted):
            made._add(row, row.count)
        made._found_in_all.update(report.more)
        made.judged.update(report.judged)
        made.left_out.update(report.left_out)
        made._odd = {odd.reason: odd for odd in report.odd}
        return made

    def count(self, violation: LiveViolation) -> bool:
        """Count one occurrence; return whether it needs a row: it has none yet, and there is room for one."""
        rows, identity = self._found[violation.kind], violation.identity
        found = rows.get(identity)
        if found is None and rows.has_room(identity):
            return True
        self._found_in_all[violation.kind] += 1
        if found is not None:
            found.count += 1
        return False

    def add_row(self, violation: LiveViolation, source: Source, number: int) -> None:
        """Add a row for a first occurrence."""
        self._add(Row(violation=violation, count=1, first=_redacted(source), number=number), 1)

    def _add(self, row: Row, count: int) -> None:
        """Count occurrences, in a row if there is one or room for one."""
        rows, identity = self._found[row.violation.kind], row.violation.identity
        self._found_in_all[row.violation.kind] += count
        found = rows.get(identity)
        if found is not None:
            found.count += count
        elif rows.has_room(identity):
            rows.add(identity, _Found(row, count))

    def _rows(self) -> list[Row]:
        """Return the rows, the worst first."""
        for rows in self._found.values():
            rows.prune()
        found = (one for rows in self._found.values() for one in rows.values())
        return sorted((replace(one.row, count=one.count) for one in found), key=_worst_first)

    def _more(self, rows: Sequence[Row]) -> dict[str, int]:
        """Return how many violations of each kind have no row."""
        more = Counter(self._found_in_all)
        for row in rows:
            more[row.violation.kind] -= row.count
        return {kind: more[kind] for kind in KINDS if more[kind]}

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count an exchange that wasn't judged. After 1,000 different ones, all others count as `others`."""
        known = what in self.left_out or len(self.left_out) < MOST_ROWS
        self.left_out[what if known else "others"] += count

    def add_odd_entry(self, source: Source, reason: str, count: int = 1) -> None:
        """Count an entry that can't be read. After 1,000 different reasons, all others count as `others`."""
        reason = reason if reason in self._odd or len(self._odd) < MOST_ROWS else "others"
        odd = self._odd.get(reason) or OddEntries(reason=reason, count=0, first=_redacted(source))
        self._odd[reason] = replace(odd, count=odd.count + count)

    def merge(self, shares: Sequence[ReportBuilder], before: int) -> None:
        """Add what was found in the shares of one source, whose entries follow so many others."""
        rows = [row for share in shares for row in share._rows()]
        for row in sorted(rows, key=lambda row: row.number):
            self._add(replace(row, number=before + row.number), row.count)
        for share in shares:
            self._found_in_all.update(share._more(share._rows()))
            self.judged.update(share.judged)
            for what, count in share.left_out.items():
                self.leave_out(what, count)
        odd = [one for share in shares for one in share._odd.values()]
        for one in sorted(odd, key=lambda one: (one.first.line, one.first.fragment)):
            self.add_odd_entry(one.first, one.reason, one.count)

    def build(self, accepted: frozenset[Identity]) -> Report:
        """Return the report; `accepted` are the identities in a baseline."""
        rows = self._rows()
        return Report(
            rows=[row for row in rows if row.violation.identity not in accepted],
            accepted=[row for row in rows if row.violation.identity in accepted],
            stale=sorted(accepted - {row.violation.identity for row in rows}), judged=dict(sorted(self.judged.items())),
            more=self._more(rows),
            left_out=dict(sorted(self.left_out.items(), key=lambda item: (-item[1], item[0]))),
            odd=sorted(self._odd.values(), key=lambda odd: (-odd.count, odd.reason)),
        )  # fmt: skip


def _redacted(source: Source) -> Source:
    return source._replace(path=redact(source.path))


def _worst_first(row: Row) -> tuple[int, Identity]:
    return KINDS.index(row.violation.kind), row.violation.identity
