"""A journal as a client would have made it that lives by one of two clocks alone: the mock's, or the real one."""

from __future__ import annotations

from tests.support import put

from jobmock.engine.journal import Journal
from jobmock.models import Exchange


def by_one_clock(journal: Journal, clock: str) -> Journal:
    """Return the journal with the times of the mock's `clock`, or of the `real` one, for both."""
    alone = Journal()
    alone.dropped, alone.lost = journal.dropped, set(journal.lost)
    for exchange in journal:
        put(alone, _by_real_time(exchange) if clock == "real" else exchange._replace(arrived=None))
    return alone


def _by_real_time(exchange: Exchange) -> Exchange:
    """Return an exchange at the time of its arrival. A Retry-After is so many real seconds."""
    assert exchange.arrived is not None
    shift = exchange.arrived - exchange.at
    times = {name: getattr(exchange, name) for name in ("retry", "made", "held")}
    moved = {name: time + shift for name, time in times.items() if time is not None}
    return exchange._replace(at=exchange.arrived, arrived=None, **moved)
