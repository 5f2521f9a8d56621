"""Rules about polls: how often, for how long, and when to stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from ..clock import SECOND
from ..models import Exchange
from .evidence import Evidence, compared_texts, seconds_text
from .history import History, first_short_row, streaks
from .reads_after_end import visits
from .subjects import Subject, group_by_subject, numbers_text, read_part
from .thresholds import THRESHOLDS

_POLL_ROWS = THRESHOLDS["poll_rows"].value
_END_REPEATS = THRESHOLDS["end_repeats"].value
_REFUSALS = THRESHOLDS["refusals"].value
_GROWTH = THRESHOLDS["visit_growth"].value
_LONG_PAUSE = 3600 * SECOND
"""A shorter pause never divides two visits of a client that polls for days."""
_NO_PAUSE = SECOND // 100
"""No client sleeps for so short a time between two polls."""
_STOP_AT_THE_END = "Stop at the answer that showed the end: nothing changes after it."


def polled_after_end(history: History) -> Iterator[Evidence]:
    """Yield each part of a job that a worker reads over and over after it saw the end."""
    for part in history.worker_parts:
        yield from _repeated_cancels(part)
        for reads in filter(None, part.reads_after_ends):
            cut = visits(reads, history.time, part.longest_pauses[reads[0].number], history.settings.scale)
            for number, visit in enumerate(cut):
                yield from _repeats(part, visit, reads[0], is_first=number == 0)


def _repeats(history: History, visit: Sequence[Exchange], end: Exchange, *, is_first: bool) -> Iterator[Evidence]:
    """Yield the parts that are read again after their answer showed the end."""
    parts: dict[Subject, list[Exchange]] = {}
    for read in filter(history.answers.is_end, visit):
        parts.setdefault(read_part(read, history.answers.api), []).append(read)
    for reads in parts.values():
        page = reads[0].page
        begins_walk = is_first and page is not None and reads[0] is end
        repeats = reads[1 + begins_walk :]
        text = f"the job's end in request {reads[0].number} ({reads[0].state!r}) was read again in "
        numbers = (reads[0].number, *(read.number for read in repeats[:_END_REPEATS]))
        if len(repeats) >= _END_REPEATS:
            yield Evidence(numbers, f"{text}{len(repeats)} requests, the last is {repeats[-1].number}")
        elif repeats and page is None:
            text += " and ".join(f"request {read.number}" for read in repeats)
            yield Evidence(numbers, text, severity="warning", remedy=_STOP_AT_THE_END)


def _repeated_cancels(history: History) -> Iterator[Evidence]:
    """Yield the cancels of a job that are sent over and over although they were answered."""
    cancels = [one for one in history.exchanges if one.operation == "cancel" and history.answers.is_delivered(one)]
    accepted = [one for one in cancels if one.status < 300]
    if accepted and len(cancels) > _END_REPEATS:
        text = f"request {accepted[0].number} cancelled the job, and {len(cancels) - 1} more requests cancel it"
        yield Evidence(tuple(one.number for one in cancels[: _END_REPEATS + 1]), text)


def polled_too_fast(history: History) -> Iterator[Evidence]:
    """Yield each row of polls of a running job that takes too little time."""
    if history.time.lives == "unseen":
        return
    rows = {length: history.settings.scaled(least) for length, least in _POLL_ROWS.items()}
    of_workers = (row for exchanges in history.by_worker for row in _running_rows(history.for_worker(exchanges)))
    for row in chain(of_workers, _rows_in_turns(history)):
        pauses = [_pause(history, before, after) for before, after in pairwise(row)]
        if (found := first_short_row(pauses, rows)) is None:
            continue
        polls = row[found[0] : found[1] + 1]
        taken, least = compared_texts(sum(pauses[found[0] : found[1]]), found[2])
        text = f"{numbers_text(polls)} poll the running job in {taken}; {len(polls)} polls should take at least {least}"
        yield Evidence((polls[0].number, polls[-1].number), text)


def _rows_in_turns(history: History) -> Iterator[list[Exchange]]:
    """Yield the rows of polls that take turns on two connections, without a pause between any of them.

    Some clients, such as `fetch` in Node, take another connection for a request that follows an answer at once. Two
    workers would each make pauses.
    """
    if len(history.by_worker) < 2:
        return
    for row in _running_rows(history):
        in_turns = all(before.connection != after.connection for before, after in pairwise(row))
        is_one = len({one.connection for one in row}) == 2 and len({one.agent for one in row}) == 1
        if in_turns and is_one and all(_pause(history, *pair) < _NO_PAUSE for pair in pairwise(row)):
            yield row


def _pause(history: History, before: Exchange, after: Exchange) -> int:
    """Return the pause between two polls. One after an error counts as long enough: it is for rules about waiting."""
    pause = history.time.longest(before, after)
    return pause if history.answers.job_status(before) is not None else max(pause, history.settings.min_interval)


def _running_rows(history: History) -> Iterator[list[Exchange]]:
    """Yield the polls of each part of a running job in a row."""
    answers, stretch = history.answers, list[Exchange]()
    stretches = [stretch]
    for exchange in history.exchanges:
        if exchange.operation == "status" and not answers.is_end(exchange):
            stretch.append(exchange)
        elif stretch:
            if exchange.operation == "status":
                stretch.append(exchange)
            stretch = []
            stretches.append(stretch)
    for stretch in stretches:
        yield from group_by_subject(stretch, answers.api)


def no_deadline(history: History) -> Iterator[Evidence]:
    """Yield the first poll of a job after the deadline for waiting, in one visit of one worker."""
    for number, exchanges in enumerate(filter(None, history.rounds)):
        for worker in history.for_worker(exchanges).by_worker if exchanges else []:
            made = exchanges[0].made if not history.complete and number == 0 else None
            if (late := _first_late(history, worker, made)) is not None:
                yield late
                break


def _first_late(history: History, exchanges: Sequence[Exchange], made: int | None) -> Evidence | None:
    """Return the evidence of the first poll after the deadline; the waiting began when the job was `made`, if known."""
    first, longest = exchanges[0], 0
    waited = 0 if made is None else first.at - made
    for before, after in pairwise(exchanges):
        if history.answers.is_end(before):
            return None
        pause = history.time.shortest(before, after)
        if pause > max(_LONG_PAUSE, _GROWTH * longest):
            first, waited = after, 0
        else:
            waited, longest = waited + pause, max(longest, pause)
        if waited >= history.deadline and after.operation == "status":
            text = f"request {after.number} still polls {seconds_text(waited)} after request {first.number}"
            return Evidence((first.number, after.number), f"{text}, without a long pause")
    return None


def polls_after_refusal(history: History) -> Iterator[Evidence]:
    """Yield each sequence of requests that are repeated although they are refused for good."""
    for requests in history.by_subject:
        if requests[0].operation is None:
            continue
        for start, stop in streaks(requests, history.answers.is_refusal):
            row = requests[start:stop]
            final = sum(one.status != 404 for one in row)
            if final < _REFUSALS["any"] and len(row) < _REFUSALS["404"]:
                continue
            statuses = ", ".join(dict.fromkeys(str(one.status) for one in row))
            text = f"{numbers_text(row)} asked the same {len(row)} times in a row, and each was answered {statuses}"
            yield Evidence(tuple(one.number for one in row[: _REFUSALS["any"]]), text, row[0].job)
