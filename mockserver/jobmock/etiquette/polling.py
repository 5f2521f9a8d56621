"""Rules about polls: how often, how long, and when to stop."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Exchange
from .story import Evidence, Story, by_subject, reads_page, runs, seconds

_STUBBORN = 3
_SLACK = 0.05
"""A client that polls in real time comes a little early now and then."""


def polled_after_end(story: Story) -> Iterator[Evidence]:
    """Yield each poll that asks again what a terminal answer has told already; the page walk is none."""
    for reads in filter(None, story.ends):
        told, polls = {reads[0].query: reads[0]}, story.polls_on(reads)
        for read in reads[1:]:
            if reads_page(read) and read.number not in polls:
                continue
            if first := told.get(read.query):
                text = f"request {read.number} polled again after request {first.number} had told {first.state!r}"
                yield Evidence((first.number, read.number), text)
            elif story.answers.ends(read):
                told[read.query] = read


def polled_too_fast(story: Story) -> Iterator[Evidence]:
    """Yield each poll that repeats a good answer's request before the floor; a change in between excuses it."""
    last: dict[str, Exchange] = {}
    for exchange in story.exchanges:
        if exchange.operation != "status":
            last.clear()
            continue
        before = last.get(exchange.query)
        last[exchange.query] = exchange
        if before is None or story.answers.state(before) is None or story.answers.ends(before):
            continue
        if (gap := exchange.at - before.at) < story.manners.floor * (1 - _SLACK):
            text = (
                f"request {exchange.number} polled {seconds(gap)} after request {before.number} had told "
                f"{before.state!r}; the least is {seconds(story.manners.floor)}"
            )
            yield Evidence((before.number, exchange.number), text)


def no_deadline(story: Story) -> Iterator[Evidence]:
    """Yield the first poll of a job that goes on when nobody should still be waiting."""
    for number, (first, *later) in enumerate(filter(None, story.rounds)):
        since = first.at if number or first.made is None else first.made
        for exchange in (first, *later):
            if exchange.operation == "status" and exchange.at - since >= story.manners.deadline:
                waited = f"request {exchange.number} still polls {seconds(exchange.at - since)} after the job"
                yield Evidence((first.number, exchange.number), f"{waited} was made or reopened")
                break
            if story.answers.ends(exchange):
                break


def refusal_not_heeded(story: Story) -> Iterator[Evidence]:
    """Yield each row of polls that are refused for good, and repeated all the same."""
    for polls in by_subject(story.reads):
        for start, stop in runs(polls, story.answers.refused):
            if stop - start >= _STUBBORN:
                numbers = tuple(poll.number for poll in polls[start:stop])
                statuses = ", ".join(dict.fromkeys(str(poll.status) for poll in polls[start:stop]))
                row = f"{len(numbers)} polls in a row, requests {numbers[0]} to {numbers[-1]}"
                yield Evidence(numbers[:_STUBBORN], f"{row}, were answered {statuses}")
