"""The jobs of recorded traffic over time, for pictures. Of paths, queries and bodies only what is no personal data."""

from __future__ import annotations

from typing import NamedTuple

from ..engine.headers import retry_due
from ..models import Exchange, PageInfo
from ..redaction import redact
from .messages import is_word
from .received_answer import ReceivedAnswer

_MOST_SOURCES, _MOST_JOBS, _MOST_EXCHANGES = 20, 20, 2_000


class RecordedSource(NamedTuple):
    """The exchanges of one file, or of a live job, with one API. Jobs have numbers in place of their ids."""

    name: str
    api: str
    exchanges: list[Exchange]


class RecordedJobs:
    """Collects exchanges whose time is known: of a bounded number of sources and jobs, and so many of each source."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], RecordedSource] = {}
        self._names: dict[tuple[str, str, str], str] = {}
        self.numbers_follow = 0
        """How many exchanges there were in sources before: numbers begin after these."""
        self.left_out = 0
        """How many exchanges had no room, or no time."""

    @property
    def sources(self) -> list[RecordedSource]:
        """The sources, in the order of their first exchanges."""
        return list(self._sources.values())

    def add(self, number: int, answer: ReceivedAnswer) -> None:
        """Add an exchange with its number in its source, if there is room."""
        exchange, api = answer.exchange, answer.api.name
        key = exchange.source.path, api
        source = self._sources.get(key)
        full = len(self._sources) >= _MOST_SOURCES if source is None else len(source.exchanges) >= _MOST_EXCHANGES
        job, name = answer.params.get("job"), None
        if not full and exchange.at > 0 and job is not None:
            name = self._name(key, job)
        if full or exchange.at <= 0 or (job is not None and name is None):
            self.left_out += 1
            return
        if source is None:
            source = self._sources[key] = RecordedSource(redact(exchange.source.path), api, [])
        source.exchanges.append(_exchange(self.numbers_follow + number, answer, name))

    def _name(self, key: tuple[str, str], job: str) -> str | None:
        """Return the name of a job, such as `job-1`; None if there are too many."""
        name = self._names.get((*key, job))
        if name is None:
            count = sum(known[:2] == key for known in self._names) + 1
            if count > _MOST_JOBS:
                return None
            name = self._names[*key, job] = f"job-{count}"
        return name


def _exchange(number: int, answer: ReceivedAnswer, job: str | None) -> Exchange:
    exchange, operation, body = answer.exchange, answer.operation, answer.body
    status = answer.api.status_in(body) if answer.succeeded else None
    after = exchange.headers.get("retry-after")
    headers = () if after is None else ((b"retry-after", after.encode("latin-1", "replace")),)
    page, paging = _page(answer), answer.api.paging
    may_wait = exchange.status >= 400 or operation.name == "status"  # as in the journal of a mock
    return Exchange(
        number=number, at=exchange.at, api=answer.api.name, operation=operation.name, job=job,
        method=operation.method, path=operation.path.replace("{job}", job or "{job}"),
        query="" if page is None or paging is None else f"{paging.page}={page.page}", status=exchange.status,
        state=status if operation.name == "status" and is_word(status) else None,
        retry=retry_due(headers, exchange.answered_at) if may_wait else None, page=page,
    )  # fmt: skip


def _page(answer: ReceivedAnswer) -> PageInfo | None:
    paging = answer.api.paging
    text = answer.query.get(paging.page, "") if paging else ""
    return PageInfo(int(text), 0, has_next=True) if text.isascii() and text.isdecimal() and len(text) < 7 else None
