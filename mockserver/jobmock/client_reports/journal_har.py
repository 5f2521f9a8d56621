"""A HAR 1.2 log of a journal: what was asked, when, and with which status. A journal keeps no bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from ..clock import SECOND
from ..models import Exchange
from .har_parts import entry, log_head, phrase

_BASE = "http://localhost"
_COMMENT = "Made of a journal: times are the mock's clock, and there are no bodies and few headers."


def har_log(exchanges: Iterable[tuple[Exchange, str | None]]) -> dict[str, Any]:
    """Return the log of exchanges, each with the public name of its namespace."""
    import harfile

    entries = [_entry(harfile, exchange, name) for exchange, name in exchanges]
    return {"log": {**log_head(harfile, _COMMENT), "entries": entries}}


def _entry(harfile: Any, exchange: Exchange, name: str | None) -> dict[str, Any]:
    comment = f"fault: {exchange.fault}" if exchange.fault else None
    return entry(
        harfile, exchange.at, exchange.held or 0, _request(harfile, exchange), _response(harfile, exchange),
        comment=comment, namespace=name,
    )  # fmt: skip


def _request(harfile: Any, exchange: Exchange) -> Any:
    agent = [harfile.Record("User-Agent", exchange.agent)] if exchange.agent else []
    parameters = [harfile.Record(name, value) for name, value in parse_qsl(exchange.query, keep_blank_values=True)]
    url = f"{_BASE}{exchange.path}{'?' * bool(exchange.query)}{exchange.query}"
    return harfile.Request(exchange.method, url, "HTTP/1.1", headers=agent, queryString=parameters, bodySize=-1)


def _response(harfile: Any, exchange: Exchange) -> Any:
    retry = [] if exchange.retry is None else [harfile.Record("Retry-After", _seconds_until_retry(exchange))]
    content = harfile.Content(size=-1, mimeType="application/json")
    return harfile.Response(
        exchange.status, phrase(exchange.status), "HTTP/1.1", headers=retry, content=content, bodySize=-1
    )  # fmt: skip


def _seconds_until_retry(exchange: Exchange) -> str:
    """Return the seconds of Retry-After, also of one that was a date."""
    answered = max(exchange.at, exchange.held or 0)
    return str(-((answered - (exchange.retry or answered)) // SECOND))
