"""Builds a report from violations as they occur. The number of rows is limited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..redaction import redact
from .exchange import Source
from .report import OddEntries, Report, Row
from .violation import KINDS, Identity, LiveViolation

MOST_ROWS = 1_000


class ReportBuilder:
    """Counts judged answers, answers that are left out, and violations."""

    def __init__(self) -> None:
        self._rows: dict[Identity, Row] = {}
        self._counts: dict[Identity, int] = {}
        self._rows_by_kind: Counter[str] = Counter()
        self._more: Counter[str] = Counter()
        self.judged: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self._odd: dict[str, OddEntries] = {}

    @classmethod
    def of(cls, report: Report) -> ReportBuilder:
        """Return a builder with everything that is in a report."""
        made = cls()
        for row in (*report.rows, *report.accepted):
            made.add_row(row.violation, row.first, row.number)
            made._counts[row.violation.identity] = row.count
        made._more.update(report.more)
        made.judged.update(report.judged)
        made.left_out.update(report.left_out)
        made._odd = {odd.reason: odd for odd in report.odd}
        return made

    def count(self, violation: LiveViolation) -> bool:
        """Count one occurrence; return whether it needs a row: it has none yet, and there is room for one."""
        identity = violation.identity
        if identity in self._rows:
            self._counts[identity] += 1
            return False
        if self._rows_by_kind[violation.kind] < MOST_ROWS:
            return True
        self._more[violation.kind] += 1
        return False

    def add_row(self, violation: LiveViolation, source: Source, number: int) -> None:
        """Add a row for a first occurrence."""
        identity = violation.identity
        self._rows[identity] = Row(violation=violation, count=1, first=_redacted(source), number=number)
        self._counts[identity] = 1
        self._rows_by_kind[violation.kind] += 1

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
        rows = [(row, share._counts[identity]) for share in shares for identity, row in share._rows.items()]
        for row, count in sorted(rows, key=lambda pair: pair[0].number):
            identity, kind = row.violation.identity, row.violation.kind
            if identity in self._rows:
                self._counts[identity] += count
            elif self._rows_by_kind[kind] < MOST_ROWS:
                self._rows[identity] = replace(row, number=before + row.number)
                self._counts[identity] = count
                self._rows_by_kind[kind] += 1
            else:
                self._more[kind] += count
        for share in shares:
            self._more.update(share._more)
            self.judged.update(share.judged)
            for what, count in share.left_out.items():
                self.leave_out(what, count)
        odd = [one for share in shares for one in share._odd.values()]
        for one in sorted(odd, key=lambda one: (one.first.line, one.first.fragment)):
            self.add_odd_entry(one.first, one.reason, one.count)

    def build(self, accepted: frozenset[Identity]) -> Report:
        """Return the report; `accepted` are the identities in a baseline."""
        counted = (replace(row, count=self._counts[identity]) for identity, row in self._rows.items())
        rows = sorted(counted, key=_worst_first)
        return Report(
            rows=[row for row in rows if row.violation.identity not in accepted],
            accepted=[row for row in rows if row.violation.identity in accepted],
            stale=sorted(accepted - self._rows.keys()), judged=dict(sorted(self.judged.items())),
            more={kind: self._more[kind] for kind in KINDS if self._more[kind]},
            left_out=dict(sorted(self.left_out.items(), key=lambda item: (-item[1], item[0]))),
            odd=sorted(self._odd.values(), key=lambda odd: (-odd.count, odd.reason)),
        )  # fmt: skip


def _redacted(source: Source) -> Source:
    return source._replace(path=redact(source.path))


def _worst_first(row: Row) -> tuple[int, Identity]:
    return KINDS.index(row.violation.kind), row.violation.identity
