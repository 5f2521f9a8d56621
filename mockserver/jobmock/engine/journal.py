"""The journal: the last exchanges of a namespace, bounded in number and in bytes.

It never holds a key: paths, queries and job ids are redacted first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterator
from itertools import islice
from typing import Any

from ..clock import SECOND
from ..models import Exchange
from .journal_room import FREE_BYTES, JournalRoom, Leaving

MAX_EXCHANGES = 10_000
MAX_BYTES = 4 << 20
_OVERHEAD = 240

Sender = tuple[Hashable | None, str | None]
"""The connection of a request, and the User-Agent on it."""
Record = tuple[int, int, int | None, Sender, tuple[Any, ...], int]
"""A stored exchange: number, time, arrival, sender, the other members, which equal exchanges share, and its bytes."""


class Journal:
    """The last exchanges of one namespace, oldest first. They are stored as small records, and read as `Exchange`s.

    `before` are the exchanges of an earlier journal of the same key, which are dropped. A journal with `shared` room
    has a little of its own, and gets more from there. Exchanges that leave it go to `leaving`, or that of the room.
    """

    def __init__(
        self, most: int = MAX_EXCHANGES, most_bytes: int = MAX_BYTES, *, before: int = 0,
        shared: JournalRoom | None = None, leaving: Leaving | None = None,
    ) -> None:  # fmt: skip
        self._leaving = leaving if shared is None else shared.leaving
        self._records: deque[Record] = deque()
        self._most, self._most_bytes, self._shared = most, most_bytes, shared
        self.room = most_bytes if shared is None else min(FREE_BYTES, most_bytes)
        """How many bytes it may have now."""
        self._bytes = 0
        self.count = self.dropped = before
        self.times_cleared = 0
        self.lost: set[int] = set()
        """Numbers of the exchanges whose answer no client can have received."""
        self.senders: dict[Hashable, tuple[Hashable, Sender]] = {}
        """The last connections, with the sender on each."""

    def __iter__(self) -> Iterator[Exchange]:
        return map(_exchange, tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def newest(self, most: int) -> Iterator[Exchange]:
        """Yield at most so many exchanges, newest first."""
        return map(_exchange, islice(reversed(self._records), most))

    def add(self, record: Record) -> None:
        """Append a record, and drop the oldest ones when a bound is exceeded."""
        records = self._records
        records.append(record)
        self.count += 1
        self._bytes += record[5]
        if len(records) > self._most:
            self._drop_own()
        while self._bytes > self.room:
            if not self._grow():
                self._drop_own()

    def snapshot(self, left_out: Collection[int] = ()) -> Journal:
        """Return a copy that doesn't change, without the exchanges of some numbers."""
        copy = Journal(self._most, self._most_bytes)
        copy._records = deque(record for record in tuple(self._records) if record[0] not in left_out)
        copy.count, copy.dropped, copy.lost = self.count, self.dropped, set(self.lost)
        return copy

    def shrink(self, room: int) -> int:
        """Drop the oldest exchanges until the others fit into so many bytes, and return how many were dropped."""
        before, self.room = self.dropped, room
        while self._bytes > room:
            self._drop()
        return self.dropped - before

    def close(self) -> None:
        """Give back the room that it shares with other journals: its namespace was closed."""
        if self._leaving is not None:
            self._leaving(self, self)
            self._leaving = None
        if self._shared is not None:
            self._shared.give_back(self)
            self._shared = None

    def _grow(self) -> bool:
        """Double the room up to its limit. Returns False if that isn't possible."""
        more = min(self.room, self._most_bytes - self.room)
        if self._shared is None or more <= 0 or not self._shared.take(self, more):
            return False
        self.room += more
        return True

    def _drop_own(self) -> None:
        """Drop the oldest exchange, because this journal has too many."""
        self._drop()
        if self._shared is not None:
            self._shared.dropped_by_owners += 1

    def _drop(self) -> None:
        oldest = self._records.popleft()
        if self._leaving is not None:
            self._leaving(self, (_exchange(oldest),))
        self._bytes -= oldest[5]
        self.lost.discard(oldest[0])
        self.dropped += 1

    def lose(self, record: Record) -> None:
        """Note that no client can have received the answer of an exchange."""
        index = record[0] - self.dropped - 1
        if 0 <= index < len(self._records) and self._records[index] is record:
            self.lost.add(record[0])

    def clear(self) -> int:
        """Remove all exchanges, and return how many there were."""
        cleared = len(self._records)
        if self._leaving is not None:
            self._leaving(self, self)
        self._records.clear()
        self.times_cleared += 1
        self.senders.clear()
        self.lost.clear()
        self._bytes = self.count = self.dropped = 0
        if self._shared is not None:
            self._shared.give_back(self)
        return cleared


def _exchange(record: Record) -> Exchange:
    number, at, arrived, sender, rest, _ = record
    return Exchange._make((number, at, *rest, arrived, *sender))


def size_of(exchange: Exchange) -> int:
    """Return the size of an exchange in bytes: the length of its texts, and a fixed amount for the rest."""
    texts = (exchange.path, exchange.query, exchange.job, exchange.note, exchange.once)
    return _OVERHEAD + sum(len(text or "") for text in texts)


def shown(exchange: Exchange, namespace: str | None = None) -> dict[str, Any]:
    """Return an exchange as JSON data, with times in seconds, and with the public name of its namespace."""
    data = {"number": exchange.number, "at": None, "namespace": namespace, **exchange._asdict()}
    data["at"] = exchange.at / SECOND
    for name in ("retry", "made", "held", "arrived"):
        reading = data[name]
        data[name] = None if reading is None else reading / SECOND
    data["switches"] = list(exchange.switches)
    data["page"] = exchange.page and exchange.page._asdict()
    data["connection"] = None if exchange.connection is None else connection_text(exchange.connection)
    return data


def connection_text(connection: Hashable) -> str:
    """Return a connection as text: the address of a client, or the number of a thread or task in this process."""
    return ":".join(map(str, connection)) if isinstance(connection, tuple) else str(connection)
