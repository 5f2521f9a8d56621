"""What the pages of a job have shown, to notice a page that contradicts them."""

from __future__ import annotations

from .sanitized_exchange import SanitizedExchange


class KnownPages:
    """The people on the pages of one job, and in its lists without pages."""

    def __init__(self) -> None:
        self._page_of: dict[str, int] = {}
        """The page that showed a person first, by the person's digest."""
        self._ids: dict[int, frozenset[str | None]] = {}
        """The digests of the ids that a page showed first."""
        self._whole: set[str | None] = set()
        """The digests of the ids in lists without pages."""

    def contradicts(self, exchange: SanitizedExchange) -> bool:
        """Add an answer; return whether its page shows people of another page, or others than were there before."""
        people, ids = exchange.people, frozenset(exchange.people.ids)
        if not people.page:
            self._whole |= ids
            return False
        pages = {self._page_of.setdefault(digest, people.page) for digest in people.shown}
        others = self._ids.setdefault(people.page, ids) != ids or (bool(self._whole) and not ids <= self._whole)
        return others or bool(pages - {people.page})
