"""The requests of journals as a HAR 1.2 log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...client_reports.journal_har import har_log
from .fields import Body, fields
from .journals import Source, check_job
from .long_calls import LongCall
from .selection import OF_EXCHANGES, selection


def of(read: Sequence[Source], body: Body) -> LongCall:
    """Return the log of the selected exchanges, oldest first. Raises Problem."""
    chosen = selection(fields(body, {}, OF_EXCHANGES))

    def make() -> dict[str, Any]:
        rows = [
            (exchange, None if source.namespace is None else source.namespace.name)
            for source in read
            for exchange in source.journal
            if chosen.takes(exchange)
        ]
        check_job(chosen, rows, read)
        return har_log(sorted(rows, key=lambda row: (row[0].at, row[0].number)))

    return LongCall(make, size=sum(len(source.journal) for source in read))
