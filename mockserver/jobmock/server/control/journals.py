"""The journal as JSON: of one key, or of several namespaces in pages."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from typing import Any, NamedTuple

from ...engine.journal import Journal, shown
from ...engine.namespace import Namespace
from ...models import Exchange
from .fields import Body, fields
from .long_calls import LongCall, cursor
from .selection import OF_EXCHANGES, Selection, selection

PAGE = 1_000
_BEGINNING = (-1, 0, 0)
_LAST = 1 << 62
"""Where the exchanges without a key are among others of the same time and number."""
Place = tuple[int, ...]
"""The place of an exchange among all: its time, its number, and when its namespace was opened."""


class _Source(NamedTuple):
    """A journal, when its namespace was opened, and the public name of that."""

    opened: int
    name: str | None
    journal: Journal


def of_key(namespace: Namespace, body: Body) -> LongCall:
    """Return the selected exchanges of a key; with `after` a page of them. Raises Problem."""
    if "after" in body:
        return pages([namespace], [], body)
    chosen, journal = selection(fields(body, {}, {**OF_EXCHANGES, "after": (str,)})), namespace.journal

    def make() -> dict[str, Any]:
        rows = [shown(exchange, namespace.name) for exchange in journal if chosen.takes(exchange)]
        if not rows:
            chosen.check_job([namespace], [journal])
        return {"exchanges": rows, "dropped": journal.dropped}

    return LongCall(make, size=len(journal))


def pages(namespaces: Sequence[Namespace], without_key: Sequence[Journal], body: Body) -> LongCall:
    """Return a page of the selected exchanges of namespaces, and of those without a key. Raises Problem."""
    given = fields(body, {}, {**OF_EXCHANGES, "after": (str,)})
    begin = _BEGINNING if "after" not in given else cursor(given["after"], len(_BEGINNING))
    sources = [_Source(one.opened, one.name, one.journal) for one in namespaces]
    sources += [_Source(_LAST, None, journal) for journal in without_key]
    chosen = selection(given)

    def make() -> dict[str, Any]:
        page = _page(sources, begin, chosen)
        if not page["exchanges"]:
            chosen.check_job(list(namespaces), [source.journal for source in sources])
        return page

    return LongCall(make, size=sum(len(source.journal) for source in sources))


def _page(sources: Sequence[_Source], begin: Place, chosen: Selection) -> dict[str, Any]:
    found = (
        (place, source.name, exchange)
        for source in sources
        for exchange in source.journal
        if (place := _place(exchange, source.opened)) > begin and chosen.takes(exchange)
    )
    rows = nsmallest(PAGE + 1, found, key=lambda row: row[0])
    exchanges = [shown(exchange, name) for _, name, exchange in rows[:PAGE]]
    page = {"exchanges": exchanges, "dropped": sum(source.journal.dropped for source in sources)}
    return {**page, "next": "-".join(map(str, rows[PAGE - 1][0]))} if len(rows) > PAGE else page


def _place(exchange: Exchange, opened: int) -> Place:
    return exchange.at, exchange.number, opened
