"""Rules about the wait after an error: as long as the server says, or long enough for a server that fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..models import Exchange
from .client_time import AT_ONCE, answer_time
from .evidence import Evidence, compared_texts, seconds_text
from .history import History, first_short_row, streaks
from .subjects import numbers_text, read_part
from .thresholds import THRESHOLDS

_FAILURE_ROWS = THRESHOLDS["failure_rows"].value
_STARTS = THRESHOLDS["starts_in_a_row"].value
_WORKERS: int = THRESHOLDS["workers"].value
_SHARE_IT = "If it was another worker of the same job, let all workers wait as long as Retry-After says."
_FEWEST = 3
"""So many failures in a row are the fewest that are judged."""


def retry_after_ignored(history: History) -> Iterator[Evidence]:
    """Yield each request that a worker repeats before the time that Retry-After gave."""
    if history.time.lives == "unseen":
        return
    shared = _shared_jobs(history)
    for exchanges in history.by_subject:
        for before, again in pairwise(exchanges):
            if before.retry is None or not history.answers.is_delivered(before) or _is_volley(history, before, again):
                continue
            if not history.time.heeds(before, again):
                is_scaled = history.time.mode == "scaled"
                waited = (history.time.shortest if is_scaled else history.time.wait)(before, again)
                came, wanted = compared_texts(waited, _wanted(before))
                text = (
                    f"request {again.number} came {came} after request {before.number} was answered {before.status} "
                    f"with Retry-After {wanted}"
                )
                job = before.job or again.job
                milder = ("warning", _SHARE_IT) if job in shared else (None, None)
                yield Evidence((before.number, again.number), text, job, *milder)


def _shared_jobs(history: History) -> set[str | None]:
    """Return the jobs that several workers may have polled: each of them saw the end once, and then stopped.

    The workers of a job can't always be told apart, for example if each request has a connection of its own.
    """
    reads = (one for one in history.exchanges if one.operation == "status" and history.answers.is_end(one))
    ends = Counter((one.job, read_part(one, history.answers.api)) for one in reads)
    return {job for (job, _), count in ends.items() if 1 < count <= _WORKERS}


def _wanted(exchange: Exchange) -> int:
    """Return how long a Retry-After says to wait."""
    return (exchange.retry or 0) - answer_time(exchange, exchange.retry or 0)


def _is_volley(history: History, before: Exchange, again: Exchange) -> bool:
    """Return whether two starts may have been sent at the same time, on different connections."""
    apart = before.connection is not None and again.connection is not None and before.connection != again.connection
    return apart and before.operation == "start" and history.time.longest(before, again) < AT_ONCE


def no_back_off(history: History) -> Iterator[Evidence]:
    """Yield each row of temporary failures between which a worker waits too little."""
    if history.time.lives == "unseen":
        return
    rows = {length: history.settings.scaled(least) for length, least in _FAILURE_ROWS.items()}
    for requests in history.by_subject:
        for start, stop in streaks(requests, history.answers.is_temporary_failure):
            if stop - start < _FEWEST:
                continue
            failures = requests[start : stop + 1]
            waits = [history.time.wait(before, after) for before, after in pairwise(failures)]
            if found := first_short_row(waits, rows):
                yield _short_waits(failures[found[0] : found[1] + 1], waits[found[0] : found[1]], found[2])
    for exchanges in history.by_worker:
        yield from _failing_starts(history, exchanges)


def _short_waits(row: Sequence[Exchange], waits: Sequence[int], least: float) -> Evidence:
    together, enough = compared_texts(sum(waits), least)
    said = ", ".join(seconds_text(wait) for wait in waits[:4]) + (", …" if len(waits) > 4 else "")
    text = (
        f"{numbers_text(row[:-1])} failed in a row, and the client went on after {said}: {len(waits)} waits of "
        f"{together} together, where {enough} is the least"
    )
    return Evidence(tuple(one.number for one in row[:3]), text, row[0].job)


def _failing_starts(history: History, exchanges: Sequence[Exchange]) -> Iterator[Evidence]:
    """Yield each long row of failing starts of different jobs that a worker sends at once, one after another."""
    every = [one for one in exchanges if one.operation == "start"]
    starts = every[:1] + [again for before, again in pairwise(every) if not _is_volley(history, before, again)]
    for start, stop in streaks(starts, lambda one: history.answers.is_error(one) or history.answers.is_unread(one)):
        row = starts[start:stop]
        if len(row) < _STARTS or len({one.intent for one in row}) == 1:
            continue
        took = history.time.longest(row[0], row[_STARTS - 1])
        if took < history.settings.scaled(_FAILURE_ROWS[_STARTS]):
            text = f"{len(row)} starts of different jobs failed in a row, {numbers_text(row)}, the first {_STARTS}"
            yield Evidence(tuple(one.number for one in row[:3]), f"{text} within {seconds_text(took)}")
