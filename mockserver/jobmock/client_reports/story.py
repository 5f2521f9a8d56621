"""The story of a client, in at most 25 lines: its requests, their answers, and what it did wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any

from ..clock import SECOND
from ..engine.lost_jobs import why_lost
from ..models import Exchange
from ..redaction import redact
from .activity import ClientActivity

MOST_LINES = 25
_MOST_FINDINGS = 8
_MOST_NOTE_LINES = 3
_WIDTH = 118
_LEAST_OF_TARGET = 40
_INDENT = " " * 20
Row = tuple[list[str], int]
"""The lines of a group of exchanges, and the size of the group."""


def story(activities: Sequence[ClientActivity], *, all_findings: str, most: int = MOST_LINES) -> str:
    """Return the story of what a client did with some APIs, with an equal share of `most` lines for each.

    `all_findings` says where all findings are listed, if they are too many.
    """
    share = most // max(1, len(activities))
    lines = (line for activity in activities for line in _lines(activity, share, all_findings))
    return "\n".join(shorten(redact(line)) for line in lines)


def heading(activity: ClientActivity) -> str:
    """Return what jobs played, and the number of all requests, also of those that the journal no longer has."""
    played = ", ".join(activity.titles) or "no job was started"
    dropped = activity.dropped
    count = len(activity.journal) + dropped
    gone = f"; the journal no longer has the oldest {dropped}" if dropped else ""
    requests = f"{count} request{'s' * (count != 1)} in {activity.elapsed:g} s"
    return f"{activity.name or activity.api}: {played}; {requests}{gone}"


def shorten(line: str) -> str:
    """Cut a line that is too long for a terminal."""
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _lines(activity: ClientActivity, most: int, all_findings: str) -> Iterator[str]:
    journal = activity.journal
    found = [line for finding in activity.findings for line in wrap(f"! {finding}", _WIDTH - 2, subsequent_indent="  ")]
    if len(found) > _MOST_FINDINGS:
        found[_MOST_FINDINGS - 1 :] = [f"! … and more: {all_findings}"]
    yield heading(activity)
    lost = {why_lost(exchange.note): None for exchange in journal}
    found[:0] = [f"Not the client's fault: {reason}." for reason in lost if reason]
    yield from _without_middle([_row(activity.started_at, *group) for group in _groups(journal)], most - 1 - len(found))
    yield from (f"  {line}" for line in found)


def _groups(journal: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange, int]]:
    """Yield the first and last exchange of each group that would read the same, and the size of the group."""

    def shown(exchange: Exchange) -> Any:
        members = (exchange.method, exchange.path, exchange.query, exchange.status, exchange.step, exchange.state)
        return (*members, exchange.fault, exchange.note)

    for _, group in groupby(journal, shown):
        exchanges = list(group)
        yield exchanges[0], exchanges[-1], len(exchanges)


def _row(started_at: int, first: Exchange, last: Exchange, count: int) -> Row:
    """Return the lines of a group of exchanges: a note that doesn't fit follows on lines of its own."""
    when = f"{(first.at - started_at) / SECOND:+.3f} s"
    step = f"step {first.step}: " if first.step is not None else ""
    details = (first.state, first.fault and f"[{first.fault}]")
    again = f", {count - 1} more until {(last.at - started_at) / SECOND:+.3f} s" if count > 1 else ""
    answer = " ".join(part for part in (f" → {step}{first.status}", *details) if part) + again
    begin = f"  {first.number:>3} {when:>12}  {first.method} "
    line = redact(begin + _target(first, _WIDTH - len(begin) - len(answer)) + answer)
    note = f"({redact(first.note)})" if first.note else ""
    if not note or len(line) + 1 + len(note) <= _WIDTH:
        return [f"{line} {note}".rstrip()], count
    return [line, *wrap(note, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)[:_MOST_NOTE_LINES]], count


def _target(exchange: Exchange, room: int) -> str:
    """Return path and query of a request. If they are longer than `room`, their middle is cut out."""
    path = exchange.path if exchange.job is None else exchange.path.replace(exchange.job, f"{exchange.job[:8]}…")
    target = f"{path}?{exchange.query}" if exchange.query else path
    room = max(room, _LEAST_OF_TARGET)
    if len(target) <= room:
        return target
    return f"{target[: room // 2]}…{target[len(target) - (room - room // 2 - 1) :]}"


def _without_middle(rows: Sequence[Row], most: int) -> Iterator[str]:
    """Yield at most so many lines, with one that says how many requests are left out in the middle."""
    if sum(len(lines) for lines, _ in rows) <= most:
        yield from (line for lines, _ in rows for line in lines)
        return
    head = list(_fitting(rows, most // 2))
    tail = list(_fitting(rows[: len(head) - 1 : -1] if head else rows[::-1], most - most // 2 - 1))[::-1]
    left_out = sum(count for _, count in rows[len(head) : len(rows) - len(tail)])
    yield from (line for lines, _ in head for line in lines)
    yield f"  … {left_out} requests left out …"
    yield from (line for lines, _ in tail for line in lines)


def _fitting(rows: Sequence[Row], most: int) -> Iterator[Row]:
    """Yield the first rows that have at most so many lines together."""
    for row in rows:
        most -= len(row[0])
        if most < 0:
            return
        yield row
