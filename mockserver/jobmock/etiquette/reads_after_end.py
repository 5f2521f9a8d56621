"""The reads of a job after the client saw its end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile

from ..clock import SECOND
from ..models import Exchange
from .client_time import AT_ONCE, ClientTime
from .history import History
from .subjects import group_by_subject, read_part
from .thresholds import THRESHOLDS

_PAUSE = THRESHOLDS["visit_pause"].value
_GROWTH = THRESHOLDS["visit_growth"].value


def failing_pages(history: History) -> list[Exchange]:
    """Return the last read of each page that failed side by side with the page that was read last.

    A page that failed before that one was first requested was left out instead.
    """
    reads, answers = history.reads_after_ends[-1], history.answers
    parts = group_by_subject(reads, answers.api)
    last = next((part for part in parts if part[-1] is reads[-1]), [])
    failed = (part[-1] for part in parts if answers.is_error(part[-1]) or answers.is_unread(part[-1]))
    return [read for read in failed if history.time.longest(read, last[0]) < AT_ONCE]


def repeated_polls(history: History, reads: Sequence[Exchange]) -> set[int]:
    """Return the numbers of the reads since an end that repeat its request, and so are polls and no page walk.

    The first such read may begin a page walk.
    """
    polls, walking, api = set[int](), False, history.answers.api
    end = read_part(reads[0], api)
    for read in takewhile(lambda read: read_part(read, api) == end, reads[1:]):
        if walking:
            polls.add(read.number)
        walking = walking or history.answers.is_end(read)
    return polls


def visits(reads: Sequence[Exchange], time: ClientTime, longest: float, scale: float) -> list[list[Exchange]]:
    """Return the requests of one worker, cut at pauses much longer than the longest one before.

    `longest` is the longest pause before the first of them, in nanoseconds.
    """
    cut: list[list[Exchange]] = [list(reads[:1])]
    for before, after in pairwise(reads):
        pause = time.longest(before, after)
        if pause >= max(_PAUSE * SECOND * (scale or 1), _GROWTH * longest):
            cut.append([])
        else:
            longest = max(longest, pause)
        cut[-1].append(after)
    return cut

