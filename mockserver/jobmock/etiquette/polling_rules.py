"""Rules about polls: how often, for how long, and when to stop."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Exchange
from .history import Evidence, History, group_by_subject, is_page_request, seconds_text, streaks

_REFUSALS_IN_A_ROW = 3
_TOLERANCE = 0.05
"""The part of the interval by which a poll may be early: in real time, clients are early now and then."""


def polled_after_end(history: History) -> Iterator[Evidence]:
    """Yield each poll that repeats a request whose answer was terminal; a page walk has no polls."""
    for reads in filter(None, history.reads_after_ends):
        ends, polls = {reads[0].query: reads[0]}, history.repeated_polls(reads)
        for read in reads[1:]:
            if is_page_request(read) and read.number not in polls:
                continue
            if first := ends.get(read.query):
                text = f"request {read.number} polled again after request {first.number} had shown {first.state!r}"
                yield Evidence((first.number, read.number), text)
            elif history.answers.is_end(read):
                ends[read.query] = read


def polled_too_fast(history: History) -> Iterator[Evidence]:
    """Yield each poll that repeats a successful one sooner than the floor; a change of the job excuses it."""
    last: dict[str, Exchange] = {}
    for exchange in history.exchanges:
        if exchange.operation != "status":
            last.clear()
            continue
        before = last.get(exchange.query)
        last[exchange.query] = exchange
        if before is None or history.answers.job_status(before) is None or history.answers.is_end(before):
            continue
        if (gap := exchange.at - before.at) < history.settings.floor * (1 - _TOLERANCE):
            text = (
                f"request {exchange.number} polled {seconds_text(gap)} after request {before.number} had shown "
                f"{before.state!r}; the least is {seconds_text(history.settings.floor)}"
            )
            yield Evidence((before.number, exchange.number), text)


def no_deadline(history: History) -> Iterator[Evidence]:
    """Yield the first poll of a job after the deadline for waiting."""
    for number, (first, *later) in enumerate(filter(None, history.rounds)):
        since = first.at if number or first.made is None else first.made
        for exchange in (first, *later):
            if exchange.operation == "status" and exchange.at - since >= history.settings.deadline:
                waited = f"request {exchange.number} still polls {seconds_text(exchange.at - since)} after the job"
                yield Evidence((first.number, exchange.number), f"{waited} was made or reopened")
                break
            if history.answers.is_end(exchange):
                break


def refusal_not_heeded(history: History) -> Iterator[Evidence]:
    """Yield each sequence of polls that are repeated although they are refused for good."""
    for polls in group_by_subject(history.status_requests):
        for start, stop in streaks(polls, history.answers.is_refusal):
            if stop - start >= _REFUSALS_IN_A_ROW:
                numbers = tuple(poll.number for poll in polls[start:stop])
                statuses = ", ".join(dict.fromkeys(str(poll.status) for poll in polls[start:stop]))
                row = f"{len(numbers)} polls in a row, requests {numbers[0]} to {numbers[-1]}"
                yield Evidence(numbers[:_REFUSALS_IN_A_ROW], f"{row}, were answered {statuses}")
