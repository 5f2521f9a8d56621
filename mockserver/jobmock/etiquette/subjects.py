"""What a request is about. All bytes of a query but the page don't matter, so a cache-buster makes nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from ..dialect.api import Api
from ..models import Exchange

Subject = tuple[str | None, ...]


@lru_cache(maxsize=4096)
def _members(query: str) -> Mapping[str, str]:
    return dict(parse_qsl(query))


def requested_page(query: str, api: Api) -> str | None:
    """Return the page in a query, or None."""
    return None if api.paging is None else _members(query).get(api.paging.page)


def subject(exchange: Exchange, api: Api) -> Subject:
    """Return the subject of a request. Each page is its own subject, because a client may read several at once."""
    page = requested_page(exchange.query, api) or "1" if exchange.operation in api.reads else None
    return exchange.operation, exchange.intent or exchange.path, page


def read_part(exchange: Exchange, api: Api) -> Subject:
    """Return what a status request reads of a job: the parameters of its query that the API knows."""
    members = _members(exchange.query)
    return tuple(members.get(name) for name in api.parameters(exchange.operation))


def group_by_subject(exchanges: Iterable[Exchange], api: Api) -> list[list[Exchange]]:
    """Return the exchanges with an API, grouped by their subject."""
    groups: dict[Subject, list[Exchange]] = {}
    for exchange in exchanges:
        groups.setdefault(subject(exchange, api), []).append(exchange)
    return list(groups.values())


def job_of(exchange: Exchange, api: Api) -> str | None:
    """Return the job that a request is about, even if no such job exists."""
    if exchange.job is not None:
        return exchange.job
    for operation in api.operations:
        if operation.name == exchange.operation and "{job}" in operation.path:
            segments, place = exchange.path.split("/"), operation.path.split("/").index("{job}")
            return unquote(segments[place]) if place < len(segments) else None
    return None


def is_reopening(exchange: Exchange) -> bool:
    """Return whether an exchange made a finished job run again, even if the client doesn't know."""
    return exchange.operation == "more" and exchange.status < 300


def numbers_text(exchanges: Sequence[Exchange]) -> str:
    """Return the numbers of some requests in a row as text."""
    return f"requests {exchanges[0].number} to {exchanges[-1].number}"
