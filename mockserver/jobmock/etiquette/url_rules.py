"""The rules about the URL of a request: its route, and keys in it."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Exchange
from ..redaction import CUT
from .evidence import Evidence
from .history import History

_LONGEST_PATH = 80
_MOST_NUMBERS = 3


def key_in_url(history: History) -> Iterator[Evidence]:
    """Yield each request whose path or query holds a key: it ends up in logs and histories."""
    for exchange in history.exchanges:
        if CUT in exchange.path or CUT in exchange.query:
            where = "path" if CUT in exchange.path else "query"
            text = f"request {exchange.number} has an API key in its {where}"
            yield Evidence((exchange.number,), text, exchange.job)


def unknown_route(history: History) -> Iterator[Evidence]:
    """Yield the requests that the API has no route for; it is a warning if it has one for others."""
    lost = list(filter(_has_no_route, history.exchanges))
    if not lost:
        return
    every = history.complete and len(lost) == len(history.exchanges)
    count = f"{'all ' * every}{len(lost)} requests were" if len(lost) > 1 else "a request was"
    text = f"{count} answered 404 or 405: {_described(lost[0])}"
    numbers = tuple(one.number for one in lost[:_MOST_NUMBERS])
    yield Evidence(numbers, text, severity=None if every else "warning")


def _has_no_route(exchange: Exchange) -> bool:
    return exchange.operation is None and exchange.status in (404, 405)


def _described(exchange: Exchange) -> str:
    """Return number, method and path of a request, and the note on it."""
    path = exchange.path if len(exchange.path) <= _LONGEST_PATH else f"{exchange.path[: _LONGEST_PATH - 1]}…"
    note = f" ({exchange.note})" if exchange.note else ""
    return f"request {exchange.number} is {exchange.method} {path}{note}"
