"""The journal as JSON: of one key, or of all keys in pages."""

from __future__ import annotations

from heapq import nsmallest
from typing import Any

from ...engine.journal import Journal, shown
from ...engine.namespace import Namespace, Namespaces
from ...models import Exchange
from .fields import Body, fields
from .long_calls import LongCall, cursor

PAGE = 1_000
_BEGINNING = (-1, 0, 0)
_LAST = 1 << 62
"""Where the exchanges without a key are among others of the same time and number."""
Place = tuple[int, ...]
"""The place of an exchange among all: its time, its number, and when its namespace was opened."""


def of_key(namespace: Namespace) -> LongCall:
    """Return the journal of a key."""
    journal = namespace.journal

    def make() -> dict[str, Any]:
        return {"exchanges": list(map(shown, journal)), "dropped": journal.dropped}

    return LongCall(make, size=len(journal))


def of_all(namespaces: Namespaces, body: Body) -> LongCall:
    """Return a page of the exchanges of all keys and of those without a key. Raises Problem."""
    after = fields(body, {}, {"after": (str,)}).get("after")
    begin = _BEGINNING if after is None else cursor(after, len(_BEGINNING))
    journals = [(one.opened, one.journal) for one in namespaces] + [(_LAST, namespaces.outside)]
    return LongCall(lambda: _page(journals, begin), size=sum(len(journal) for _, journal in journals))


def _page(journals: list[tuple[int, Journal]], begin: Place) -> dict[str, Any]:
    found = (
        (place, exchange)
        for opened, journal in journals
        for exchange in journal
        if (place := _place(exchange, opened)) > begin
    )
    rows = nsmallest(PAGE + 1, found, key=lambda row: row[0])
    exchanges = [shown(exchange) for _, exchange in rows[:PAGE]]
    page = {"exchanges": exchanges, "dropped": sum(journal.dropped for _, journal in journals)}
    return {**page, "next": "-".join(map(str, rows[PAGE - 1][0]))} if len(rows) > PAGE else page


def _place(exchange: Exchange, opened: int) -> Place:
    return exchange.at, exchange.number, opened
