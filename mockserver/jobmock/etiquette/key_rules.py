"""The rule about keys in a URL."""

from __future__ import annotations

from collections.abc import Iterator

from ..redaction import CUT
from .evidence import Evidence
from .history import History


def key_in_url(history: History) -> Iterator[Evidence]:
    """Yield each request whose path or query holds a key: it ends up in logs and histories."""
    for exchange in history.exchanges:
        if CUT in exchange.path or CUT in exchange.query:
            where = "path" if CUT in exchange.path else "query"
            text = f"request {exchange.number} has an API key in its {where}"
            yield Evidence((exchange.number,), text, exchange.job)
