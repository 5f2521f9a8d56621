"""A bounded record of exchanges: in number and in bytes, with a count of what was dropped.

Keys are never in it: whoever notes an exchange writes its path, query and job through `redact`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from .clock import SECOND
from .models import Exchange

MAX_EXCHANGES = 10_000
MAX_BYTES = 4 << 20
_OVERHEAD = 200
_PREFIX = r"(?:\b|(?<=%[0-9A-Fa-f]{2}))((?:lk|sk(?:_|%5F)orb)(?:_|%5F)|sk(?:-|%2D))"
_IN_PATH = re.compile(_PREFIX + r"[^\s&?#/]+", re.IGNORECASE)
_IN_QUERY = re.compile(_PREFIX + r"[^\s&#]+", re.IGNORECASE)


class Journal:
    """The newest exchanges of one namespace, oldest first."""

    def __init__(self, most: int = MAX_EXCHANGES, most_bytes: int = MAX_BYTES) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._sizes: deque[int] = deque()
        self._most, self._most_bytes = most, most_bytes
        self._bytes = 0
        self.count = 0
        self.dropped = 0
        self.lost: set[int] = set()
        """Numbers of the exchanges whose answer no client can have read."""

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def __len__(self) -> int:
        return len(self._exchanges)

    def add(self, exchange: Exchange) -> None:
        """Append an exchange, dropping the oldest ones where a bound is passed."""
        size = _OVERHEAD + len(exchange.path) + len(exchange.query) + len(exchange.job or "") + len(exchange.note or "")
        self._exchanges.append(exchange)
        self._sizes.append(size)
        self.count += 1
        self._bytes += size
        while len(self._exchanges) > self._most or self._bytes > self._most_bytes:
            self._bytes -= self._sizes.popleft()
            self.lost.discard(self._exchanges.popleft().number)
            self.dropped += 1

    def lose(self, exchange: Exchange) -> None:
        """Note that no client can have read the answer of an exchange, if it is still here."""
        index = exchange.number - self.dropped - 1
        if 0 <= index < len(self._exchanges) and self._exchanges[index] is exchange:
            self.lost.add(exchange.number)

    def clear(self) -> int:
        """Forget everything and return how many exchanges that were."""
        cleared = len(self._exchanges)
        self._exchanges.clear()
        self._sizes.clear()
        self.lost.clear()
        self._bytes = self.count = self.dropped = 0
        return cleared


def redact(text: str, *, query: bool = False) -> str:
    """Return a path (or a query, where a key may hold a slash) with whatever looks like a key cut to its prefix."""
    if "k" not in text.lower():  # each prefix has one, and most paths have none: the search is the dearer part
        return text
    return (_IN_QUERY if query else _IN_PATH).sub(r"\1…", text)


def shown(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as JSON-able data; its readings become seconds."""
    data = exchange._asdict()
    data["at"] = exchange.at / SECOND
    for name in ("retry", "made", "held"):
        reading = data[name]
        data[name] = None if reading is None else reading / SECOND
    data["page"] = exchange.page and exchange.page._asdict()
    return data
