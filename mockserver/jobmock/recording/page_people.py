"""Which people the pages of an ended job show, where a mock's pages, which are cut from one list, show others.

If a recorded page shows a person of another page, so does the mock's; if it shows others than before, likewise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from ..checking.stated_pages import PageRequest
from ..dialect.api import Api
from ..engine.pagination import Paging
from .deviations import ABSENT
from .recorded_jobs import status_of
from .replay import ReplayedExchange
from .sanitized_exchange import SanitizedExchange


class _Shown(NamedTuple):
    """The page that showed a person first, and the mock's record for that person."""

    page: int
    record: Any


class PagePeople:
    """The people on the pages of one job."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._status: str | None = None
        self._last: Any = {}
        self._made = 0
        self._begin()

    def _begin(self) -> None:
        """Forget what was shown: the job runs again, so it may end with others."""
        self._whole: frozenset[str | None] | None = None
        """The digests of the ids in the list of all people."""
        self._all: dict[str | None, Any] = {}
        """The mock's records in that list, by the digests of the recorded ids."""
        self._begin_pages(0)

    def _begin_pages(self, size: int) -> None:
        """Forget the pages of another size: nobody can compare them."""
        self._size = size
        self._shown: dict[str, _Shown] = {}
        """By the digest of the recorded id, or of the whole record if it has no id."""
        self._ids: dict[PageRequest, frozenset[str | None]] = {}
        """The digests of the ids that a page showed first."""
        self._others: dict[str, Any] = {}
        """The records of people that the mock's list doesn't have, by the digest of the recorded id."""

    def changes(self, recorded: SanitizedExchange, again: ReplayedExchange) -> Mapping[str, Any]:
        """Return the records that the mock's answer should have instead of its own, or ABSENT, by JSON Pointer."""
        self._follow(recorded)
        paging = self._api.paging
        if paging is None or recorded.operation.name != "status" or not recorded.has_object or recorded.status >= 300:
            return {}
        own = _list(again.body, paging.items)
        if own is None:
            return {}
        self._last = own[-1] if own else self._last
        wanted = self._wanted(recorded, own, paging)
        places = range(max(len(own), len(wanted)))
        missing: Sequence[Any] = [ABSENT] * len(places)
        pairs = zip(places, [*own, *missing], [*wanted, *missing], strict=False)
        return {f"/{paging.items}/{index}": want for index, has, want in pairs if has != want}

    def _follow(self, recorded: SanitizedExchange) -> None:
        """Note a call or a status after which the job runs again, as a check does."""
        status, transitions = status_of(recorded, self._api), self._api.transitions
        before = self._status
        if recorded.operation.name == "more" and not 400 <= recorded.status < 500:
            self._status = None
            self._begin()
        elif status in transitions:
            self._status = status
            if before not in (None, status) and status not in transitions[before or ""]:
                self._begin()

    def _wanted(self, recorded: SanitizedExchange, own: Sequence[Any], paging: Paging) -> list[Any]:
        people = recorded.people
        records = [*own[: len(people.shown)], *map(self._missing, people.ids[len(own) :])]
        if status_of(recorded, self._api) not in self._api.terminal:
            return records
        if recorded.page is None:
            if self._whole is None and paging.page not in dict(parse_qsl(recorded.query)):
                self._whole, self._all = frozenset(people.ids), dict(zip(people.ids, records, strict=True))
            return records
        if recorded.page.size != self._size:
            self._begin_pages(recorded.page.size)
        first_ids = self._ids.setdefault(recorded.page, frozenset(people.ids))
        expected = first_ids if self._whole is None or None in self._whole else first_ids & self._whole
        comparable = None not in first_ids and None not in people.ids
        for index, (digest, one) in enumerate(zip(people.shown, people.ids, strict=True)):
            person = one or digest
            known = self._shown.get(person)
            if known is not None and known.page != recorded.page.page:
                records[index] = known.record
            elif comparable and one is not None and one not in expected:
                records[index] = self._others[one] = self._others.get(one) or self._another()
            self._shown.setdefault(person, _Shown(recorded.page.page, records[index]))
        return records

    def _missing(self, one: str | None) -> Any:
        """Return a record that the mock's answer lacks: the one with this id in the list of all people, or another."""
        return self._another() if one is None else self._all.get(one) or self._another()

    def _another(self) -> Any:
        """Return the record of another person: like the last one, but its first text is another."""
        self._made += 1
        return _with_other_text(self._last, f"-{self._made}")[0]


def _list(body: bytes, member: str) -> list[Any] | None:
    try:
        value = orjson.loads(body).get(member)
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return value if isinstance(value, list) else None


def _with_other_text(value: Any, ending: str) -> tuple[Any, bool]:
    """Return a copy whose first text has an ending, and whether it has a text."""
    if isinstance(value, str):
        return value + ending, True
    if not isinstance(value, dict):
        return value, False
    copied, done = {}, False
    for key, inner in value.items():
        copied[key], done = (inner, True) if done else _with_other_text(inner, ending)
    return copied, done
