"""The story of a failed test: what was asked when, what was answered, what the client did wrong. At most 25 lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from jobmock.clock import SECOND

if TYPE_CHECKING:
    from jobmock.models import Exchange

    from .mock import Mock

MOST_LINES = 25
_MOST_FINDINGS = 8
_WIDTH = 118


def story(mocks: Sequence[Mock]) -> str:
    """Return the story of a test's mocks, as many lines for each as there are in all."""
    room = MOST_LINES // max(1, len(mocks))
    return "\n".join(shorten(line) for mock in mocks for line in _of(mock, room))


def shorten(line: str) -> str:
    """Cut a line that is too long to read."""
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _of(mock: Mock, room: int) -> Iterator[str]:
    journal = mock.journal
    found = [line for finding in mock.findings() for line in wrap(f"! {finding}", _WIDTH - 2, subsequent_indent="  ")]
    if len(found) > _MOST_FINDINGS:
        found[_MOST_FINDINGS - 1 :] = ["! … and more: verify() lists everything"]
    played = ", ".join(mock.played()) or "no scenario was played"
    yield f"{mock.api}: {played}; {len(journal)} requests in {mock.clock.elapsed:g} s"
    yield from _middle_left_out([_row(mock, *group) for group in _alike(journal)], room - 1 - len(found))
    yield from (f"  {line}" for line in found)


def _alike(journal: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange, int]]:
    """Yield the first and the last of every row of exchanges that read the same, and how many they are."""

    def told(exchange: Exchange) -> Any:
        members = (exchange.method, exchange.path, exchange.query, exchange.status, exchange.step, exchange.state)
        return (*members, exchange.fault, exchange.note)

    for _, group in groupby(journal, told):
        exchanges = list(group)
        yield exchanges[0], exchanges[-1], len(exchanges)


def _row(mock: Mock, first: Exchange, last: Exchange, count: int) -> tuple[str, int]:
    """Return the line of a row of exchanges, and how many they are."""
    when = f"{(first.at - mock.began) / SECOND:+.3f} s"
    query = f"?{first.query}" if first.query else ""
    step = f"step {first.step + 1}: " if first.step is not None else ""
    told = (first.state, first.fault and f"[{first.fault}]", first.note and f"({first.note})")
    again = f", {count - 1} more until {(last.at - mock.began) / SECOND:+.3f} s" if count > 1 else ""
    path = first.path if first.job is None else first.path.replace(first.job, f"{first.job[:8]}…")
    answer = " ".join(part for part in (f"{step}{first.status}", *told) if part)
    return f"  {first.number:>3} {when:>12}  {first.method} {path}{query} → {answer}{again}", count


def _middle_left_out(rows: Sequence[tuple[str, int]], room: int) -> Iterator[str]:
    if len(rows) <= room:
        yield from (line for line, _ in rows)
        return
    head = room // 2
    tail = room - head - 1
    left_out = sum(count for _, count in rows[head : len(rows) - tail])
    yield from (line for line, _ in rows[:head])
    yield f"  … {left_out} requests left out …"
    yield from (line for line, _ in rows[len(rows) - tail :])
