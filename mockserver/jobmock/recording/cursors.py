"""The cursors of pages: which page a recorded one stands for, and the mock's cursor in its place."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from ..dialect.observation import ObservedPeople
from ..engine.pagination import CURSOR, Paging
from ..models import MOST_PEOPLE

_MOST_KEPT = 10_000


class Cursors(NamedTuple):
    """Digests of the cursor that a request has, and of that of the next page in its answer; None for none."""

    asked: str | None = None
    following: str | None = None


NO_CURSORS = Cursors()


class PageNumbers:
    """Numbers the pages that cursors stand for, by the pages before them."""

    def __init__(self, paging: Paging, digest: Callable[[Any], str | None]) -> None:
        self._paging, self._digest, self._lock = paging, digest, Lock()
        self._numbers = OrderedDict[str, int]()

    def observed(self, people: ObservedPeople, query: bytes, body: Any) -> tuple[ObservedPeople, Cursors]:
        """Return the results of a page with its number and size, and its cursors.

        There are as many results as the page states, else at least as many as it shows to exist.
        """
        asked, following = _parameters(query), self._paging.stated_by(body, CURSOR)
        cursors = Cursors(self._digest(asked.get(self._paging.page)), self._digest(following))
        size, number = asked.get(self._paging.size, str(self._paging.default_size)), self._number(cursors)
        if people.visible is None or not number or not size.isascii() or not size.isdigit() or not int(size):
            return people, cursors
        least = (number - 1) * int(size) + len(people.shown) + (following is not None)
        total = self._paging.stated_by(body, "total_results")
        visible = min(max(total if type(total) is int else 0, least), MOST_PEOPLE)
        return people._replace(visible=visible, page=number, size=int(size)), cursors

    def _number(self, cursors: Cursors) -> int:
        """Return the number of a page, 0 if its cursor was on no page before. Keep the number of the next one."""
        with self._lock:
            number = 1 if cursors.asked is None else self._numbers.get(cursors.asked, 0)
            if number and cursors.following is not None:
                self._numbers[cursors.following] = number + 1
                if len(self._numbers) > _MOST_KEPT:
                    self._numbers.popitem(last=False)
        return number


def with_cursor(query: str, paging: Paging, cursor: str) -> str:
    """Return a query with another cursor."""
    return urlencode([(name, cursor if name == paging.page else value) for name, value in parse_qsl(query)])


def _parameters(query: bytes) -> dict[str, str]:
    return dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
