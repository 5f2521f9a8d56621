"""Rules about waiting after an error: as long as the server says, or longer each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..clock import SECOND
from ..models import Exchange
from .story import Answers, Evidence, Story, by_subject, runs, seconds

_ROW = 3
_LONG = 30 * SECOND
_NOISE = SECOND // 10
"""Real gaps are never quite the same: what is longer by this and a tenth has grown."""


def retry_after_ignored(journal: Story) -> Iterator[Evidence]:
    """Yield each request that comes again before the Retry-After of its last answer."""
    for exchanges in by_subject(journal.exchanges):
        for before, again in pairwise(exchanges):
            if before.retry is None or again.at >= before.retry or not journal.answers.delivered(before):
                continue
            text = (
                f"request {again.number} came {seconds(again.at - before.at)} after request {before.number} was "
                f"answered {before.status} with Retry-After {seconds(before.retry - before.at)}"
            )
            yield Evidence((before.number, again.number), text, before.job or again.job)


def no_back_off(story: Story) -> Iterator[Evidence]:
    """Yield each row of passing errors and lost answers between which the client doesn't wait longer and longer."""
    for reads in by_subject(story.reads):
        for start, stop in runs(reads, lambda read: _passing(read, story.answers)):
            known = start > 0 or story.whole
            gaps = _gaps(reads[start : stop + 1])
            if stop - start >= _ROW and known and not _grows(gaps):
                numbers = tuple(read.number for read in reads[start:stop])
                said = ", ".join(seconds(gap) for gap in gaps[:_ROW])
                text = f"requests {numbers[0]} to {numbers[-1]} all failed, and the client went on after {said}"
                yield Evidence(numbers[:_ROW], text)


def _passing(exchange: Exchange, answers: Answers) -> bool:
    """Say whether it failed in a way that may pass, without a word on how long to wait.

    An answer that the client didn't wait for is none: there the gap is the client's own time limit, which may be long.
    """
    if not answers.delivered(exchange):
        return not answers.doubtful(exchange) and (exchange.fault or "").startswith(("disconnect", "corrupt"))
    return exchange.retry is None and (exchange.status == 429 or exchange.status >= 500)


def _gaps(exchanges: Sequence[Exchange]) -> list[int]:
    """Return how long the client waited: from an answer that was held, unless it had left before that came."""
    return [after.at - _answered(before, after.at) for before, after in pairwise(exchanges)]


def _answered(exchange: Exchange, until: int) -> int:
    return exchange.held if exchange.held is not None and exchange.held <= until else exchange.at


def _grows(gaps: Sequence[int]) -> bool:
    return max(gaps) >= _LONG or max(gaps) > gaps[0] * 11 // 10 + _NOISE
