"""Tells the workers of one journal apart: programs that may use the same key, and poll the same job.

Requests with different User-Agents are of different workers, and so are those on connections that are used side by
side. A client that opens a connection for each request, or a new one after a pause, is one worker.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ..clock import SECOND
from ..models import Exchange
from .thresholds import THRESHOLDS

_PAUSE: int = round(THRESHOLDS["worker_pause"].value * SECOND)
_BREAKING = ("disconnect", "hang", "drip", "corrupt")
"""Faults after which a client opens another connection."""
_Name = tuple[str | None, Hashable | None]


@dataclass(slots=True)
class _Connection:
    """The requests on one connection: the first and the last one, how many, and the worker that has it."""

    first: Exchange
    last: Exchange
    count: int = 1
    worker: int = -1


def workers_of(exchanges: Sequence[Exchange], lost: AbstractSet[int]) -> list[int]:
    """Return the number of the worker for each exchange of a journal, in time in proportion to its length."""
    connections: dict[_Name, _Connection] = {}
    for exchange in exchanges:
        name = (exchange.agent, exchange.connection)
        if (known := connections.get(name)) is None:
            connections[name] = _Connection(exchange, exchange)
        else:
            known.last, known.count = exchange, known.count + 1
    ended: dict[str | None, list[_Connection]] = {}
    workers, count = list[int](), 0
    for exchange in exchanges:
        connection = connections[exchange.agent, exchange.connection]
        if connection.worker < 0:
            before = ended.get(exchange.agent)
            if before and not _is_still_open(before[-1], exchange, lost):
                connection.worker = before.pop().worker
            else:
                connection.worker, count = count, count + 1
        if exchange is connection.last:
            ended.setdefault(exchange.agent, []).append(connection)
        workers.append(connection.worker)
    return workers


def _is_still_open(connection: _Connection, new: Exchange, lost: AbstractSet[int]) -> bool:
    """Return whether its client would have used a connection again, instead of a new one."""
    last = connection.last
    if connection.count < 2 or last.number in lost or (last.fault or "").startswith(_BREAKING):
        return False
    if last.arrived is not None and new.arrived is not None:
        return new.arrived - last.arrived < _PAUSE and new.at - last.at < _PAUSE
    return new.at - last.at < _PAUSE
