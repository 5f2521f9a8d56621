"""Rules about what is sent: the same start twice, a key where everybody can read it."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Exchange
from .story import Evidence, Story

_REDACTED = "…"
"""What the journal puts in the place of a key; no path or query can have it of its own."""


def started_twice(journal: Story) -> Iterator[Evidence]:
    """Yield each start that asks again for what an unanswered start may have begun, without its idempotency key."""
    unsure: dict[str, Exchange] = {}
    for start in journal.exchanges:
        if start.intent is None:
            continue
        first = unsure.pop(start.intent, None)
        protected = first is not None and first.once is not None and first.once == start.once
        if first is not None and not protected:
            text = f"request {start.number} starts again what request {first.number} may have started: its answer was "
            lost = str(first.status) if journal.answers.delivered(first) else "lost"
            key = "another idempotency key" if start.once else "no idempotency key"
            yield Evidence((first.number, start.number), f"{text}{lost}, and this one has {key}", start.job)
        if _unsure(start, journal) or (protected and not _settled(start, journal)):
            unsure[start.intent] = start


def _unsure(start: Exchange, journal: Story) -> bool:
    """Say whether the client can't know if this start made a job; the idempotency key is what a 5xx is safe with."""
    lost = not journal.answers.delivered(start) and not journal.answers.doubtful(start)
    if lost and start.status < 300:
        return start.job is not None or _has_key(journal)
    return _has_key(journal) and (lost or start.status >= 500)


def _settled(start: Exchange, journal: Story) -> bool:
    """Say whether its answer tells what became of it."""
    return journal.answers.delivered(start) and start.status != 429


def _has_key(journal: Story) -> bool:
    return any(operation.once for operation in journal.answers.api.operations)


def key_in_url(journal: Story) -> Iterator[Evidence]:
    """Yield each request whose path or query holds a key: it ends up in logs and histories."""
    for exchange in journal.exchanges:
        if _REDACTED in exchange.path or _REDACTED in exchange.query:
            where = "path" if _REDACTED in exchange.path else "query"
            text = f"request {exchange.number} has an API key in its {where}"
            yield Evidence((exchange.number,), text, exchange.job)
