"""What answers show of their jobs: digests, counts, times, and words of lists. No id and no text is kept.

These values may be sent to another process or machine, where the answers about one job are brought together.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple
from zlib import crc32

import orjson

from .. import json_pointer
from ..dialect.api import Api
from ..engine.pagination import Paging
from .exchange import LiveExchange
from .received_answer import ReceivedAnswer
from .stated_pages import stated_page
from .violation import LiveViolation

GROUPS = 64
"""How many groups of jobs there are. A job's group depends on its id alone, so that processes can share the groups."""
_SUCCESS = range(200, 300)
_REFUSED = frozenset(range(400, 500)) - {408, 499}
"""HTTP statuses that say for certain that nothing was done."""


class JobDigest(NamedTuple):
    """The digest of a job's API and id, and its group."""

    group: int
    digest: int


class PageSeen(NamedTuple):
    """One page of an ended job: its number and size, the stated total, and digests of its results.

    A result's digest is that of its id, or of the whole result if it has none. `ids` are the same digests, None if a
    result has no id.
    """

    page: int
    size: int
    total: int
    results: frozenset[int]
    ids: frozenset[int] | None


class JobAnswer(NamedTuple):
    """What one answer about a job shows.

    `sent_at` and `answered_at` are in nanoseconds. `status` is a word of the API's list, None for any other. `counters`
    has the value of each of the API's counters, None for one without a whole number. `results` is the number of results
    in an answer without pages. After the end of a job, `ids` are the digests of their ids, and `page` is the page.
    """

    job: JobDigest
    api: str
    operation: str
    http_status: int
    sent_at: int
    answered_at: int
    status: str | None
    counters: Sequence[int | None]
    results: int | None = None
    ids: frozenset[int] | None = None
    page: PageSeen | None = None

    def violation(self, rule: str, message: str, *, pointer: str, found: str = "") -> LiveViolation:
        """Return a violation in this answer."""
        return LiveViolation(
            rule=rule, api=self.api, operation=self.operation, status=self.http_status, pointer=pointer, found=found,
            message=message, at=pointer,
        )  # fmt: skip


class Continuation(NamedTuple):
    """A `more`, after which the statuses of a job begin again; or they may do so, if it isn't known what was done."""

    job: JobDigest
    sent_at: int
    answered_at: int
    may_reopen: bool


@dataclass(frozen=True, slots=True)
class Digests:
    """Makes digests of 64 bits: without a key for this process alone, with a key for all processes that have it.

    Who doesn't have the key can't find out whether a digest is that of a known id.
    """

    key: bytes = field(default=b"", repr=False)

    @classmethod
    def for_several(cls) -> Digests:
        """Return what makes digests for several processes, with a new key."""
        return cls(secrets.token_bytes(16))

    def of(self, data: bytes) -> int:
        """Return the digest of data."""
        if not self.key:  # Python's own digests are quicker, and have a key of the process
            return hash(data)
        return int.from_bytes(blake2b(data, digest_size=8, key=self.key).digest(), "little")

    def of_job(self, key: str) -> JobDigest:
        """Return the digest and the group of a job, by what its requests have in common."""
        return JobDigest(group_of(key), self.of(key.encode("utf-8", "replace")))

    def of_values(self, values: Sequence[Any]) -> frozenset[int]:
        """Return the digests of JSON values."""
        return frozenset(map(self.of, map(orjson.dumps, values)))


def job_key(api: Api, job: str) -> str:
    """Return what all requests about a job have in common."""
    return f"{api.name} {job}"


def group_of(key: str) -> int:
    """Return the group of a job, by what its requests have in common."""
    return crc32(key.encode("utf-8", "replace")) % GROUPS


def continuation(api: Api, job: str, exchange: LiveExchange, digests: Digests) -> Continuation | None:
    """Return what a `more` does to its job; None if it was refused."""
    if exchange.status in _REFUSED:
        return None
    may_reopen = exchange.status not in _SUCCESS
    return Continuation(digests.of_job(job_key(api, job)), exchange.at, exchange.answered_at, may_reopen)


def job_answer(answer: ReceivedAnswer, digests: Digests) -> JobAnswer | None:
    """Return what an answer shows of its job; None if it shows neither the status nor the results of one."""
    job_id, body, api = answer.params.get("job"), answer.body, answer.api
    if job_id is None or not (answer.shows_status or answer.results is not None):
        return None
    known = api.status_in(body) if answer.shows_status else None
    status = known if isinstance(known, str) and known in api.transitions else None
    ended = status in api.terminal or not answer.shows_status
    return JobAnswer(
        job=digests.of_job(job_key(api, job_id)), api=api.name, operation=answer.operation.name,
        http_status=answer.exchange.status, sent_at=answer.exchange.at, answered_at=answer.exchange.answered_at,
        status=status, counters=[_counter(body, path) for path in api.counters if answer.shows_status],
        **(_results(answer, api.paging, digests, ended=ended) if api.paging else {}),
    )  # fmt: skip


def _counter(body: Any, path: Sequence[str]) -> int | None:
    value = json_pointer.value_at(body, path)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int else None


def _results(answer: ReceivedAnswer, paging: Paging, digests: Digests, *, ended: bool) -> dict[str, Any]:
    """Return the members of a JobAnswer about results: of a page, or of all results until now."""
    results, page = answer.results or [], stated_page(answer, paging) if ended else None
    seen, ids = None, None
    if ended:
        found = [paging.id_of(result) for result in results]
        known = digests.of_values([result if one is None else one for one, result in zip(found, results, strict=True)])
        ids = None if None in found else known
        seen = page and PageSeen(*page.requested, page.total, known, ids)
    if paging.is_page(answer.query) or answer.results is None:
        return {"page": seen}
    return {"page": seen, "results": len(results), "ids": ids}
