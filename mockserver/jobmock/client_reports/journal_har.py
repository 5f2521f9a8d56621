"""A HAR 1.2 log of a journal: what was asked, when, and with which status. A journal keeps no bodies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from ..clock import SECOND
from ..models import Exchange
from ..version import __version__

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BASE = "http://localhost"
_COMMENT = "Made of a journal: times are the mock's clock, and there are no bodies and few headers."


def har_log(exchanges: Iterable[tuple[Exchange, str | None]]) -> dict[str, Any]:
    """Return the log of exchanges, each with the public name of its namespace."""
    import harfile

    entries = [_entry(harfile, exchange, name) for exchange, name in exchanges]
    creator = {"name": "jobmock", "version": __version__}
    return {"log": {"version": harfile.HAR_VERSION, "creator": creator, "comment": _COMMENT, "entries": entries}}


def _entry(harfile: Any, exchange: Exchange, name: str | None) -> dict[str, Any]:
    waited = max(0, (exchange.held or exchange.at) - exchange.at) / SECOND * 1000
    broken = {"comment": f"fault: {exchange.fault}"} if exchange.fault else {}
    return {
        "startedDateTime": (_UNIX_EPOCH + timedelta(microseconds=exchange.at // 1000)).isoformat(),
        "time": waited,
        "request": _request(harfile, exchange).asdict(),
        "response": _response(harfile, exchange).asdict(),
        "cache": {},
        "timings": harfile.Timings(send=0, wait=waited, receive=0).asdict(),
        **broken,
        "_namespace": name,
    }


def _request(harfile: Any, exchange: Exchange) -> Any:
    agent = [harfile.Record("User-Agent", exchange.agent)] if exchange.agent else []
    parameters = [harfile.Record(name, value) for name, value in parse_qsl(exchange.query, keep_blank_values=True)]
    url = f"{_BASE}{exchange.path}{'?' * bool(exchange.query)}{exchange.query}"
    return harfile.Request(exchange.method, url, "HTTP/1.1", headers=agent, queryString=parameters, bodySize=-1)


def _response(harfile: Any, exchange: Exchange) -> Any:
    retry = [] if exchange.retry is None else [harfile.Record("Retry-After", _seconds_until_retry(exchange))]
    phrase = HTTPStatus(exchange.status).phrase if exchange.status in set(HTTPStatus) else ""
    content = harfile.Content(size=-1, mimeType="application/json")
    return harfile.Response(exchange.status, phrase, "HTTP/1.1", headers=retry, content=content, bodySize=-1)


def _seconds_until_retry(exchange: Exchange) -> str:
    """Return the seconds of Retry-After, also of one that was a date."""
    answered = max(exchange.at, exchange.held or 0)
    return str(-((answered - (exchange.retry or answered)) // SECOND))
