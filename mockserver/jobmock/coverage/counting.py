"""Counts the cells that exchanges met. Everything comes from the journal, so no request costs more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from weakref import WeakKeyDictionary

from .. import apis
from ..dialect.api import Api
from ..engine.journal import Journal
from ..engine.namespace import Namespace, Namespaces
from ..engine.progression import ABSENT
from ..models import SPOILING, Exchange, PageInfo
from . import cells
from .cells import Cell, cells_of
from .coverage import Coverage


def coverage_of(exchanges: Iterable[Exchange]) -> Coverage:
    """Return what exchanges met."""
    return Coverage(Counter(cell for exchange in exchanges for cell in cells_met(exchange)))


def cells_met(exchange: Exchange) -> tuple[Cell, ...]:
    """Return the cells that an exchange met. A client doesn't meet an answer that it can't have read."""
    if exchange.api is None or exchange.operation is None:
        return ()
    return _cells_met(
        exchange.api, exchange.operation, exchange.status, exchange.state, exchange.error, exchange.fault,
        exchange.held is not None, exchange.page, exchange.retry_form, exchange.partial is not None,
        exchange.switches,
    )  # fmt: skip


class CoverageCounter:
    """What the clients of one service have met. It is called with the exchanges that leave its journals."""

    def __init__(self) -> None:
        self._left: dict[Cell, int] = {}
        self._left_of: WeakKeyDictionary[Journal, dict[Cell, int]] = WeakKeyDictionary()

    def __call__(self, journal: Journal, exchanges: Iterable[Exchange]) -> None:
        """Count exchanges that are about to leave a journal."""
        own = self._left_of.setdefault(journal, {})
        for exchange in exchanges:
            for cell in cells_met(exchange):
                own[cell] = own.get(cell, 0) + 1
                self._left[cell] = self._left.get(cell, 0) + 1

    def of(self, namespaces: Namespaces) -> Coverage:
        """Return what all clients have met, with and without a key."""
        return self.snapshot(namespaces)()

    def snapshot(self, namespaces: Namespaces, only: Namespace | None = None) -> Callable[[], Coverage]:
        """Return a function that counts what all clients have met until now, or those of one key.

        Another thread may call it while requests are answered.
        """
        journals = [namespaces.outside, *(one.journal for one in namespaces)] if only is None else [only.journal]
        left = Coverage(dict(self._left if only is None else self._left_of.get(only.journal, {})))
        kept = list(map(iter, journals))
        return lambda: left.merge(*map(coverage_of, kept))


def counter_of(namespaces: Namespaces) -> CoverageCounter | None:
    """Return the counter of these namespaces, or None if nothing is counted."""
    counter = namespaces.room.leaving
    return counter if isinstance(counter, CoverageCounter) else None


@lru_cache(maxsize=4096)
def _cells_met(
    api: str, operation: str, status: int, state: str | None, error: str | None, fault: str | None, held: bool,
    page: PageInfo | None, retry_form: str | None, partial: bool, switches: tuple[str, ...],
) -> tuple[Cell, ...]:  # fmt: skip
    """Return the cells of all exchanges that are equal in these members."""
    dialect, met = apis.load(api), [(cells.FAULTS, fault), (cells.FAULTS, "delay" if held else None)]
    if fault is None or fault.partition(" ")[0] not in SPOILING:
        met.append((operation, _answer(dialect, operation, status, state, error)))
        met.append((cells.RETRY_AFTER, f"{status} {cells.FORMS[retry_form]}"))
        met += [(cells.PAGES, shape) for shape in _shapes(dialect, operation, state, page)]
        met += [(cells.ENDINGS, ending) for ending in _endings(dialect, status, state, partial)]
    met += [(cells.SWITCHES, name) for text in switches for name in (text, f"{text.partition('=')[0]}=…")]
    known = _known(api)
    found = (Cell(api, group, name) for group, name in met if name is not None)
    return tuple(dict.fromkeys(cell for cell in found if cell in known))


def _answer(api: Api, operation: str, status: int, state: str | None, error: str | None) -> str | None:
    """Return the name of an answer, or None if the API's documents don't list it."""
    details = _details(api.name).get((operation, status), [])
    if operation == cells.STATUS and status < 300:
        detail = state if state in details or state is None else cells.UNLISTED
    else:
        detail = details[0] if len(details) == 1 else error
    return None if detail is None else cells.answer_name(status, detail)


def _shapes(api: Api, operation: str, state: str | None, page: PageInfo | None) -> Iterator[str]:
    """Yield the shapes of the pages of which an answer shows one."""
    if page is None:
        return
    total, size = page.total, page.size
    if state is not None and state not in api.terminal and total:
        yield cells.GROWING
    if api.is_success(state) or operation != "status":  # results are read at the end
        yield cells.NONE if total == 0 else cells.ONE if total <= size else cells.MANY
        if total and total % size == 0:
            yield cells.BOUNDARY


def _endings(api: Api, status: int, state: str | None, partial: bool) -> Iterator[str]:
    if state in api.terminal and status < 300:
        yield state
        if partial:
            yield f"{state}, {cells.PARTS_MISSING}"
    if state == ABSENT:
        yield cells.GONE


@cache
def _known(api: str) -> frozenset[Cell]:
    return frozenset(cells_of(api))


@cache
def _details(api: str) -> dict[tuple[str, int], list[str]]:
    return cells.answer_details(apis.load(api))
