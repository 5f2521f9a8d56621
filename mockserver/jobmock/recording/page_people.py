"""Which people the pages of an ended job show, where a mock's pages, which are cut from one list, show others.

A check compares each page with the pages before it, and with the list of all people. It must find the same in what the
mock shows. So a record is replaced only where the check would find something in one of them and not in the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from .. import json_pointer
from ..dialect.answers import Part
from ..dialect.api import Api
from ..dialect.sample_answers import sample_answer
from ..engine.pagination import Paging
from ..engine.progression import plan
from ..models import Results, Scenario, Step
from .deviations import ABSENT
from .exact_json import exact
from .recorded_jobs import status_of
from .replay import ReplayedExchange
from .sanitized_exchange import SanitizedExchange


class _Shown(NamedTuple):
    """The page that showed a person first, and the mock's record for that person."""

    page: int
    record: Any


class _Place(NamedTuple):
    """A place on a page: the digest of the recorded record there, and what leaves the contract in it."""

    digest: str
    deviations: bytes

    def served(self, record: Any) -> bytes:
        """Return what a client gets if the mock has a record at this place."""
        return exact(record) + self.deviations


class PagePeople:
    """The people on the pages of one job."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._status: str | None = None
        self._answered_at = -1
        """When the last answer came that a check compared with those before it."""
        self._last: Any = None
        self._made = 0
        self._begin()

    def _begin(self) -> None:
        """Forget what was shown: the job runs again, so it may end with others."""
        self._has_whole = False
        """Whether the list of all people was shown: a check compares pages with the first one."""
        self._record_of: dict[str, Any] = {}
        """The mock's record, by the digest of the recorded id."""
        self._taken_ids: set[Any] = set()
        """The mock's ids that stand for a recorded one."""
        self._begin_pages(0)

    def _begin_pages(self, size: int) -> None:
        """Forget the pages of another size: nobody can compare them."""
        self._size = size
        self._shown: dict[str, _Shown] = {}
        """By the digest of the whole recorded record: a check compares whole records."""
        self._page_of: dict[bytes, int] = {}
        """The page on which the mock showed a record first, by the record as it was served."""

    def changes(self, recorded: SanitizedExchange, again: ReplayedExchange) -> Mapping[str, Any]:
        """Return the records that the mock's answer should have instead of its own, or ABSENT, by JSON Pointer."""
        is_compared = self._follow(recorded)
        paging = self._api.paging
        is_read = recorded.operation.name == self._api.results_operation
        if paging is None or not is_read or not recorded.has_object or recorded.status >= 300:
            return {}
        own = _list(again.body, self._api)
        if own is None:
            return {}
        self._last = own[-1] if own else self._last
        wanted = self._wanted(recorded, own, paging, is_compared=is_compared)
        places = range(max(len(own), len(wanted)))
        missing: Sequence[Any] = [ABSENT] * len(places)
        pairs = zip(places, [*own, *missing], [*wanted, *missing], strict=False)
        return {f"{_place(self._api)}/{index}": want for index, has, want in pairs if has != want}

    def _follow(self, recorded: SanitizedExchange) -> bool:
        """Note a call or a status after which the job runs again; return whether a check compares the answer.

        It doesn't if another request was under way: those may be answered in any order.
        """
        status, transitions = status_of(recorded, self._api), self._api.transitions
        if recorded.operation.name == "more" and not 400 <= recorded.status < 500:
            self._status, self._answered_at = None, recorded.at + recorded.took
            self._begin()
        if recorded.operation.name != "status" or not recorded.has_object or not 200 <= recorded.status < 300:
            return False
        if recorded.at < self._answered_at:
            return False
        self._answered_at = recorded.at + recorded.took
        before = self._status
        if status in transitions:
            self._status = status
            if before not in (None, status) and status not in transitions[before or ""]:
                self._begin()
        return status in self._api.terminal

    def _wanted(
        self, recorded: SanitizedExchange, own: Sequence[Any], paging: Paging, *, is_compared: bool
    ) -> Sequence[Any]:  # fmt: skip
        people = recorded.people
        records = [*own[: len(people.shown)], *(self._missing(one, paging) for one in people.ids[len(own) :])]
        if is_compared and recorded.page is not None:
            return self._on_page(recorded, records, paging)
        is_whole = people.visible is not None and not paging.is_page(dict(parse_qsl(recorded.query)))
        if not is_compared or not is_whole or self._has_whole:
            return records
        self._has_whole = True
        return list(self._with_ids(people.ids, records, paging))

    def _on_page(self, recorded: SanitizedExchange, own: Sequence[Any], paging: Paging) -> Sequence[Any]:
        """Return the records of a page, so that a check finds in them what it finds in the recorded ones."""
        assert recorded.page is not None
        page, places, records = recorded.page.page, _places(recorded, self._api), []
        if recorded.page.size != self._size:
            self._begin_pages(recorded.page.size)
        for place, record in zip(places, self._with_ids(recorded.people.ids, own, paging), strict=True):
            chosen = self._record(page, place, record, paging)
            self._shown.setdefault(place.digest, _Shown(page, chosen))
            self._page_of.setdefault(place.served(chosen), page)
            records.append(chosen)
        served, own_served = ({at.served(one) for at, one in zip(places, some, strict=True)} for some in (records, own))
        return own if own_served == served else records  # in another order they are the same page

    def _record(self, page: int, place: _Place, usual: Any, paging: Paging) -> Any:
        """Return the usual record for a person on a page, unless a check would find more or less in it."""
        known = self._shown.get(place.digest)
        if known is not None and known.page != page:
            return known.record
        if self._page_of.get(place.served(usual), page) == page:
            return usual
        return known.record if known is not None else self._changed(usual, paging.identity)

    def _with_ids(self, ids: Sequence[str | None], own: Sequence[Any], paging: Paging) -> Iterator[Any]:
        """Yield the mock's record for each recorded id: the same as before, else its own if it is nobody else's."""
        own_ids = list(map(paging.id_of, own))
        here = dict(zip(own_ids, own, strict=True))
        for one, record, mock_id in zip(ids, own, own_ids, strict=True):
            known = record
            if one is not None and one in self._record_of:
                before = self._record_of[one]
                known = record if paging.id_of(before) == mock_id else here.get(paging.id_of(before), before)
            elif one is not None:
                known = self._another(paging) if mock_id in self._taken_ids else record
                self._record_of[one] = known
                self._taken_ids.add(paging.id_of(known))
            yield known

    def _missing(self, one: str | None, paging: Paging) -> Any:
        """Return a record that the mock's answer lacks: the one with this id in an earlier answer, or another."""
        return self._another(paging) if one is None else self._record_of.get(one) or self._another(paging)

    def _another(self, paging: Paging) -> Any:
        """Return the record of another person: like the last one, but with another id and another text beside it."""
        last = self._last if self._last is not None else _any_record(self._api)
        return self._changed(self._changed(last), paging.identity)

    def _changed(self, record: Any, spared: Sequence[str] = ()) -> Any:
        """Return another record: its first text is another, but not the one at the path `spared`."""
        self._made += 1
        return _with_other_text(record, f"-{self._made}", spared)[0]


def _place(api: Api) -> str:
    """Return where an answer has the list of results, as a JSON Pointer."""
    return json_pointer.join(api.results)


def _places(recorded: SanitizedExchange, api: Api) -> list[_Place]:
    """Return the places of a recorded page."""
    inside = defaultdict[str, dict[str, Any]](dict)
    for pointer, value in recorded.deviations.items():
        if pointer.startswith(f"{_place(api)}/"):
            index, *rest = json_pointer.split(pointer)[len(api.results) :]
            inside[index][json_pointer.join(rest)] = value
    return [_Place(digest, exact(inside[str(index)])) for index, digest in enumerate(recorded.people.shown)]


@cache
def _any_record(api: Api) -> Any:
    """Return the record of a person, for a mock that has shown none."""
    operation, name, one = api.operation_named(api.results_operation), f"{api.name}/any", Results(count=1)
    for step in (Step(status=status) for status in sorted(api.terminal)):
        scenario = Scenario(name=name, api=api.name, summary="", progression=(step,), results=one)
        body = sample_answer(api, operation, plan(scenario, api.shows), 0).body
        part = json_pointer.value_at(body, api.results)
        records = part.make() if isinstance(part, Part) else part
        if records:
            return orjson.loads(orjson.dumps(records))[0]
    return {}


def _list(body: bytes, api: Api) -> list[Any] | None:
    try:
        value = json_pointer.value_at(orjson.loads(body), api.results)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, list) else None


def _with_other_text(value: Any, ending: str, spared: Sequence[str]) -> tuple[Any, bool]:
    """Return a copy whose first text has an ending, and whether it has a text. The text at a path is spared."""
    if isinstance(value, str):
        return value + ending, True
    if not isinstance(value, dict):
        return value, False
    copied, done = {}, False
    for key, inner in value.items():
        rest = spared[1:] if spared[:1] == (key,) else ()
        is_spared = len(spared) == 1 and spared[0] == key
        copied[key], done = (inner, done) if done or is_spared else _with_other_text(inner, ending, rest)
    return copied, done
