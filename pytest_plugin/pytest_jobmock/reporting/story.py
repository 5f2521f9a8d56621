"""The story of a failed test, in at most 25 lines: the requests, their answers, and what the client did wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from jobmock.clock import SECOND
from jobmock.engine.lost_jobs import why_lost
from jobmock.redaction import redact

if TYPE_CHECKING:
    from jobmock.models import Exchange

    from ..mocks.mock import Mock

MOST_LINES = 25
_MOST_FINDINGS = 8
_WIDTH = 118


def story(mocks: Sequence[Mock]) -> str:
    """Return the story of a test's mocks, with an equal share of the lines for each."""
    most = MOST_LINES // max(1, len(mocks))
    return "\n".join(shorten(redact(line)) for mock in mocks for line in _lines(mock, most))


def shorten(line: str) -> str:
    """Cut a line that is too long for a terminal."""
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _lines(mock: Mock, most: int) -> Iterator[str]:
    journal = mock.journal
    found = [line for finding in mock.findings() for line in wrap(f"! {finding}", _WIDTH - 2, subsequent_indent="  ")]
    if len(found) > _MOST_FINDINGS:
        found[_MOST_FINDINGS - 1 :] = ["! … and more: verify() lists everything"]
    played = ", ".join(mock.played()) or "no job was started"
    yield f"{mock.api}: {played}; {len(journal)} requests in {mock.clock.elapsed:g} s"
    lost = {why_lost(exchange.note): None for exchange in journal}
    found[:0] = [f"Not the client's fault: {reason}." for reason in lost if reason]
    yield from _without_middle([_row(mock, *group) for group in _groups(journal)], most - 1 - len(found))
    yield from (f"  {line}" for line in found)


def _groups(journal: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange, int]]:
    """Yield the first and last exchange of each group that would read the same, and the size of the group."""

    def shown(exchange: Exchange) -> Any:
        members = (exchange.method, exchange.path, exchange.query, exchange.status, exchange.step, exchange.state)
        return (*members, exchange.fault, exchange.note)

    for _, group in groupby(journal, shown):
        exchanges = list(group)
        yield exchanges[0], exchanges[-1], len(exchanges)


def _row(mock: Mock, first: Exchange, last: Exchange, count: int) -> tuple[str, int]:
    """Return the line of a group of exchanges, and the size of the group."""
    when = f"{(first.at - mock.started_at) / SECOND:+.3f} s"
    query = f"?{first.query}" if first.query else ""
    step = f"step {first.step}: " if first.step is not None else ""
    details = (first.state, first.fault and f"[{first.fault}]", first.note and f"({first.note})")
    again = f", {count - 1} more until {(last.at - mock.started_at) / SECOND:+.3f} s" if count > 1 else ""
    path = first.path if first.job is None else first.path.replace(first.job, f"{first.job[:8]}…")
    answer = " ".join(part for part in (f"{step}{first.status}", *details) if part)
    return f"  {first.number:>3} {when:>12}  {first.method} {path}{query} → {answer}{again}", count


def _without_middle(rows: Sequence[tuple[str, int]], most: int) -> Iterator[str]:
    """Yield at most so many lines, with one that says how many requests are left out in the middle."""
    if len(rows) <= most:
        yield from (line for line, _ in rows)
        return
    head = most // 2
    tail = most - head - 1
    left_out = sum(count for _, count in rows[head : len(rows) - tail])
    yield from (line for line, _ in rows[:head])
    yield f"  … {left_out} requests left out …"
    yield from (line for line, _ in rows[len(rows) - tail :])
