"""Rules about what costs: starts that are sent twice, and work that is started over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ..models import Exchange
from .evidence import Evidence
from .history import History
from .subjects import job_of
from .thresholds import THRESHOLDS

_STARTS_OVER: Mapping[str, int] = THRESHOLDS["starts_over"].value
_PAUSE: float = THRESHOLDS["visit_pause"].value
_UNSEEN_POLLS = THRESHOLDS["unseen_polls"].value
_WORDS = {
    "left": "the client left {} jobs that were running",
    "failed": "{} jobs failed before",
    "not asked": "the client never asked about {} of these jobs",
}


def started_twice(history: History) -> Iterator[Evidence]:
    """Yield each start or `more` that repeats one that may have succeeded, without its idempotency key."""
    uncertain: dict[str, Exchange] = {}
    for start in history.exchanges:
        if start.operation == "more" or start.operation == "status":
            yield from _repeated_more(history, start, uncertain)
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


def _repeated_more(history: History, exchange: Exchange, uncertain: dict[str, Exchange]) -> Iterator[Evidence]:
    """Yield a `more` that repeats a lost one although the client didn't look at the job in between."""
    job = f"more of {job_of(exchange, history.answers.api)}"
    if exchange.operation == "status":
        if history.answers.job_status(exchange) is not None:
            uncertain.pop(job, None)
        return
    if (first := uncertain.pop(job, None)) is not None:
        text = f"request {exchange.number} asks again for more, as request {first.number} did: its answer was lost"
        yield Evidence((first.number, exchange.number), f"{text}, and the client didn't look at the job", exchange.job)
    if exchange.status < 300 and history.answers.is_unread(exchange):
        uncertain[job] = exchange


def _may_have_started(start: Exchange, history: History) -> bool:
    """Return whether the client can't know if this start created a job; after a 5xx, only where it can have a key.

    A start that the server refused created none, even if the client doesn't know.
    """
    if start.status < 300 and history.answers.is_unread(start):
        return start.job is not None or _can_have_key(start, history)
    return _can_have_key(start, history) and start.status >= 500


def _is_settled(start: Exchange, history: History) -> bool:
    """Return whether the answer to a start shows if it created a job."""
    return history.answers.is_delivered(start) and start.status != 429


def _can_have_key(start: Exchange, history: History) -> bool:
    """Return whether the API has idempotency keys, or ids that the client chooses, for such a start."""
    same = (one for one in history.answers.api.operations if one.name == "start" and one.method == start.method)
    return any(one.idempotency_field or one.creates for one in same)


def started_over(history: History) -> Iterator[Evidence]:
    """Yield each row of starts of the same work by one program, where the jobs before came to nothing.

    It may open another connection for each job, so only the User-Agent tells two programs apart.
    """
    asked = _requests_of_jobs(history)
    rows: dict[tuple[str | None, str], list[Exchange]] = {}
    for start in history.exchanges:
        if start.intent is not None and start.job is not None and start.status < 300:
            rows.setdefault((start.agent, start.intent), []).append(start)
    for starts in rows.values():
        yield from _rows_of_starts(history, starts, asked)


def _requests_of_jobs(history: History) -> dict[str, list[Exchange]]:
    """Return the requests about each job, but for its start."""
    asked: dict[str, list[Exchange]] = {}
    for exchange in history.exchanges:
        if exchange.job is not None and exchange.operation != "start":
            asked.setdefault(exchange.job, []).append(exchange)
    return asked


def _rows_of_starts(
    history: History, starts: Sequence[Exchange], asked: Mapping[str, Sequence[Exchange]]
) -> Iterator[Evidence]:
    counts: dict[str, int] = {}
    first = starts[0]
    for before, again in pairwise(starts):
        if before.job == again.job:
            continue
        came_to = _came_to(history, before, again, asked.get(before.job or "", ()))
        if came_to is None:
            counts, first = {}, again
            continue
        counts[came_to] = counts.get(came_to, 0) + 1
        if counts[came_to] == _STARTS_OVER[came_to]:
            reason = _WORDS[came_to].format(counts[came_to])
            text = f"request {again.number} starts again what request {first.number} started; {reason}"
            yield Evidence((first.number, again.number), text, starts[0].job)
            counts, first = {}, again


def _came_to(history: History, start: Exchange, again: Exchange, asked: Sequence[Exchange]) -> str | None:
    """Return what became of a job before the same was started again, or None if all is well."""
    answers = history.answers
    if not asked:
        return "not asked"
    last = asked[-1]
    if last.number > again.number or any(map(answers.is_success, asked)):
        return None
    if any(one.operation == "cancel" and one.status < 300 for one in asked):
        return None
    if any(map(answers.is_end, asked)) or answers.is_refusal(last):
        at_once = history.time.longest(last, again) < history.settings.scaled(_PAUSE)
        return "failed" if at_once else None
    if history.time.lives == "unseen" and len(asked) >= _UNSEEN_POLLS:
        return None
    patience = history.patience
    return "left" if patience is not None and history.time.longest(start, again) < patience else None
