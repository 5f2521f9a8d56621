"""Rules about single requests: starts that are sent twice, and keys in a URL."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Exchange
from ..redaction import CUT
from .history import Evidence, History


def started_twice(history: History) -> Iterator[Evidence]:
    """Yield each start that repeats one that may have succeeded, without its idempotency key."""
    uncertain: dict[str, Exchange] = {}
    for start in history.exchanges:
        if start.intent is None:
            continue
        first = uncertain.pop(start.intent, None)
        protected = first is not None and first.once is not None and first.once == start.once
        if first is not None and not protected:
            text = f"request {start.number} starts again what request {first.number} may have started: its answer was "
            lost = str(first.status) if history.answers.is_delivered(first) else "lost"
            key = "another idempotency key" if start.once else "no idempotency key"
            yield Evidence((first.number, start.number), f"{text}{lost}, and this one has {key}", start.job)
        if _may_have_started(start, history) or (protected and not _is_settled(start, history)):
            uncertain[start.intent] = start


def _may_have_started(start: Exchange, history: History) -> bool:
    """Return whether the client can't know if this start created a job; after a 5xx, only where the API has keys."""
    lost = not history.answers.is_delivered(start) and not history.answers.is_doubtful(start)
    if lost and start.status < 300:
        return start.job is not None or _has_idempotency_keys(history)
    return _has_idempotency_keys(history) and (lost or start.status >= 500)


def _is_settled(start: Exchange, history: History) -> bool:
    """Return whether the answer to a start shows if it created a job."""
    return history.answers.is_delivered(start) and start.status != 429


def _has_idempotency_keys(history: History) -> bool:
    return any(operation.idempotency_field for operation in history.answers.api.operations)


def key_in_url(history: History) -> Iterator[Evidence]:
    """Yield each request whose path or query holds a key: it ends up in logs and histories."""
    for exchange in history.exchanges:
        if CUT in exchange.path or CUT in exchange.query:
            where = "path" if CUT in exchange.path else "query"
            text = f"request {exchange.number} has an API key in its {where}"
            yield Evidence((exchange.number,), text, exchange.job)
