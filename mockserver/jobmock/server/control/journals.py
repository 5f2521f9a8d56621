"""Journals as JSON: one as a whole, or several in pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import Any, NamedTuple

from ...engine.journal import Journal, shown
from ...engine.namespace import Namespace
from ...models import Exchange
from ...timelines.outcomes import outcome_of
from .fields import Body, fields
from .long_calls import LongCall, cursor
from .selection import OF_PAGES, Selection, selection

PAGE = 1_000
_BEGINNING = (0, 0, 0)
_LAST = 1 << 62
"""Where the exchanges without a key are among others of the same time and number."""
Place = tuple[int, ...]
"""The place of an exchange among all: its time, its number, and when its namespace was opened."""


class Source(NamedTuple):
    """A journal and its namespace, which is None for the requests without a key."""

    journal: Journal
    namespace: Namespace | None

    @property
    def opened(self) -> int:
        """When the namespace was opened, in the order of all."""
        return _LAST if self.namespace is None else self.namespace.opened

    def shown(self, exchange: Exchange) -> dict[str, Any]:
        """Return an exchange of this journal as JSON data, with what became of its answer."""
        name = None if self.namespace is None else self.namespace.name
        outcome = outcome_of(exchange, is_lost=exchange.number in self.journal.lost)
        return {**shown(exchange, name), "outcome": outcome}


def sources(namespaces: Iterable[Namespace], without_key: Journal | None) -> list[Source]:
    """Return the journals of namespaces, and that of the requests without a key if it is given."""
    outside = [] if without_key is None else [Source(without_key, None)]
    return [*(Source(one.journal, one) for one in namespaces), *outside]


def whole(source: Source, body: Body) -> LongCall:
    """Return all selected exchanges of one journal. Raises Problem."""
    chosen = selection(fields(body, {}, OF_PAGES))

    def make() -> dict[str, Any]:
        found = [exchange for exchange in source.journal if chosen.takes(exchange)]
        check_job(chosen, found, [source])
        end = _place(found[-1], source) if found else _BEGINNING
        return _shown_page([source.shown(exchange) for exchange in found], [source], end)

    return LongCall(make, size=len(source.journal))


def pages(read: Sequence[Source], body: Body) -> LongCall:
    """Return a page of the selected exchanges of several journals. Raises Problem."""
    given = fields(body, {}, OF_PAGES)
    begin = _BEGINNING if "after" not in given else cursor(given["after"], len(_BEGINNING))
    chosen = selection(given)
    return LongCall(lambda: _page(read, begin, chosen), size=sum(len(source.journal) for source in read))


def _page(read: Sequence[Source], begin: Place, chosen: Selection) -> dict[str, Any]:
    found = (
        (place, source, exchange)
        for source in read
        for exchange in source.journal
        if (place := _place(exchange, source)) > begin and chosen.takes(exchange)
    )
    rows = nsmallest(PAGE + 1, found, key=lambda row: row[0])
    check_job(chosen, rows, read)
    page, is_last = rows[:PAGE], len(rows) <= PAGE
    end = page[-1][0] if page else begin
    return _shown_page([source.shown(exchange) for _, source, exchange in page], read, end, is_last=is_last)


def _shown_page(
    rows: list[dict[str, Any]], read: Sequence[Source], end: Place, *, is_last: bool = True
) -> dict[str, Any]:  # fmt: skip
    """Return a page. `end` continues after its last exchange, also later; `next` is there if there are more now."""
    continued = "-".join(map(str, end))
    page = {"exchanges": rows, "dropped": sum(source.journal.dropped for source in read), "end": continued}
    return page if is_last else {**page, "next": continued}


def check_job(chosen: Selection, found: Sequence[Any], read: Sequence[Source]) -> None:
    """Raise Problem if nothing was found, because there is no such job."""
    if not found:
        chosen.check_job([one.namespace for one in read if one.namespace], [one.journal for one in read])


def _place(exchange: Exchange, source: Source) -> Place:
    return exchange.at, exchange.number, source.opened
