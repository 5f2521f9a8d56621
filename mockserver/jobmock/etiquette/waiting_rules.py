"""Rules about the wait after an error: as long as the server says, or longer each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..clock import SECOND
from ..models import Exchange
from .history import Evidence, History, ReceivedAnswers, group_by_subject, seconds_text, streaks

_FAILURES_IN_A_ROW = 3
_LONG_WAIT = 30 * SECOND
_TIMING_NOISE = SECOND // 10
"""Real waits are never equal: one has increased if it is longer by this and a tenth."""


def retry_after_ignored(history: History) -> Iterator[Evidence]:
    """Yield each request that is repeated before the time that Retry-After gave."""
    for exchanges in group_by_subject(history.exchanges):
        for before, again in pairwise(exchanges):
            if before.retry is None or again.at >= before.retry or not history.answers.is_delivered(before):
                continue
            text = (
                f"request {again.number} came {seconds_text(again.at - before.at)} after request {before.number} was "
                f"answered {before.status} with Retry-After {seconds_text(before.retry - before.at)}"
            )
            yield Evidence((before.number, again.number), text, before.job or again.job)


def no_back_off(history: History) -> Iterator[Evidence]:
    """Yield each sequence of temporary failures between which the client doesn't wait longer each time."""
    for reads in group_by_subject(history.status_requests):
        for start, stop in streaks(reads, lambda read: _is_temporary_failure(read, history.answers)):
            known = start > 0 or history.complete
            gaps = _wait_times(reads[start : stop + 1])
            if stop - start >= _FAILURES_IN_A_ROW and known and not _increases(gaps):
                numbers = tuple(read.number for read in reads[start:stop])
                said = ", ".join(seconds_text(gap) for gap in gaps[:_FAILURES_IN_A_ROW])
                text = f"requests {numbers[0]} to {numbers[-1]} all failed, and the client went on after {said}"
                yield Evidence(numbers[:_FAILURES_IN_A_ROW], text)


def _is_temporary_failure(exchange: Exchange, answers: ReceivedAnswers) -> bool:
    """Return whether an exchange failed temporarily, without a Retry-After.

    An answer that the client didn't wait for is no failure: the time before the next request is the client's timeout.
    """
    if not answers.is_delivered(exchange):
        return not answers.is_doubtful(exchange) and (exchange.fault or "").startswith(("disconnect", "corrupt"))
    return exchange.retry is None and (exchange.status == 429 or exchange.status >= 500)


def _wait_times(exchanges: Sequence[Exchange]) -> list[int]:
    """Return the client's waits, each from an answer to the next request."""
    return [after.at - _answer_time(before, after.at) for before, after in pairwise(exchanges)]


def _answer_time(exchange: Exchange, until: int) -> int:
    """Return when a delayed answer was sent, or the request's own time if the client had left before."""
    return exchange.held if exchange.held is not None and exchange.held <= until else exchange.at


def _increases(gaps: Sequence[int]) -> bool:
    return max(gaps) >= _LONG_WAIT or max(gaps) > gaps[0] * 11 // 10 + _TIMING_NOISE
