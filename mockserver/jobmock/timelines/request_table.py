"""The requests of a client as a table. Equal ones in a row, and the middle of a very long table, are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from ..models import Exchange
from .client_timeline import ClientTimeline
from .elements import element
from .exchange_words import answer_text, moment_text
from .lanes_svg import flag_id, row_id

MOST_ROWS = 1_500
_LEAST_FOLDED = 5
_SHORT_ID = 8
_LONGEST = 300
"""So many characters of a path, a query or a note are shown."""


class _LeftOut(NamedTuple):
    """Requests that have no row, and whether they are like the one before."""

    exchanges: Sequence[Exchange]
    is_equal: bool


def request_table(timeline: ClientTimeline, section: str = "") -> Element:
    """Return the table of a client's requests. Rows have the ids to which the findings refer."""
    evidence = timeline.evidence
    rows = [
        _left_out(timeline, part) if isinstance(part, _LeftOut)
        else _row(timeline, part, evidence.get(part.number, []), section)
        for part in _bounded(list(_folded(timeline.exchanges, evidence)), evidence)
    ]  # fmt: skip
    headings = ("No.", "Time", "Request", "Answer", "More")
    head = element("tr", *(element("th", heading, scope="col") for heading in headings))
    return element("table", element("thead", head), element("tbody", *rows), class_="requests")


def _folded(exchanges: Sequence[Exchange], evidence: Any) -> Iterator[Exchange | _LeftOut]:
    """Yield the exchanges. Of many equal ones in a row only the first, those in findings, and the last have rows."""

    def shown(exchange: Exchange) -> Any:
        if exchange.number in evidence or exchange.note or exchange.retry or exchange.held:
            return exchange.number
        request = exchange.method, exchange.path, exchange.query, exchange.job
        return *request, exchange.status, exchange.state, exchange.fault

    for _, group in groupby(exchanges, shown):
        same = list(group)
        if len(same) < _LEAST_FOLDED:
            yield from same
        else:
            yield same[0]
            yield _LeftOut(same[1:-1], is_equal=True)
            yield same[-1]


def _bounded(parts: Sequence[Exchange | _LeftOut], evidence: Any) -> Iterator[Exchange | _LeftOut]:
    """Yield parts without those in the middle that are too many, but with the ones that findings name."""
    half = MOST_ROWS // 2
    if len(parts) <= MOST_ROWS:
        yield from parts
        return
    yield from parts[:half]
    middle = parts[half:-half]
    left: list[Exchange] = []
    for part in middle:
        if isinstance(part, Exchange) and part.number in evidence:
            if left:
                yield _LeftOut(left, is_equal=False)
            left = []
            yield part
        else:
            left += [part] if isinstance(part, Exchange) else part.exchanges
    if left:
        yield _LeftOut(left, is_equal=False)
    yield from parts[-half:]


def _row(timeline: ClientTimeline, exchange: Exchange, findings: Sequence[int], section: str) -> Element:
    outcome = timeline.outcome(exchange)
    number: list[Any] = [str(exchange.number)]
    if findings:
        shown = ", ".join(str(place + 1) for place in findings)
        link = element("a", f"▲{shown}", href=f"#{flag_id(exchange.number, section)}", title=f"Finding {shown}")
        number += [" ", link]
    return element(
        "tr", element("td", *number), element("td", moment_text(exchange.at, timeline.zero)),
        element("td", element("code", _target(exchange)), class_="target"),
        element("td", _icon(outcome), " ", answer_text(exchange)),
        element("td", "; ".join(_details(timeline, exchange, outcome))),
        id=row_id(exchange.number, section) if findings else None, class_=outcome,
    )  # fmt: skip


def _icon(outcome: str) -> Element:
    use = element("use", href=f"#mark-{outcome}", x=7, y=7, class_=f"mark {outcome}")
    return element("svg", use, width=14, height=14, aria_hidden="true")


def _target(exchange: Exchange) -> str:
    """Return method, path and query, with a short id of the job."""
    path = exchange.path
    if exchange.job is not None and len(exchange.job) > _SHORT_ID + 1:
        path = path.replace(exchange.job, f"{exchange.job[:_SHORT_ID]}…")
    return _cut(f"{exchange.method} {path}{'?' if exchange.query else ''}{exchange.query}")


def _details(timeline: ClientTimeline, exchange: Exchange, outcome: str) -> Iterator[str]:
    if exchange.fault:
        yield exchange.fault
    if outcome == "lost":
        yield "lost: the client had left"
    if exchange.held is not None:
        yield f"held until {moment_text(exchange.held, timeline.zero)}"
    if exchange.retry is not None:
        yield f"Retry-After until {moment_text(exchange.retry, timeline.zero)}"
    if exchange.page is not None:
        following = "" if exchange.page.has_next else ", the last"
        yield f"page {exchange.page.page}{following}"
    if exchange.note:
        yield _cut(exchange.note)


def _left_out(timeline: ClientTimeline, part: _LeftOut) -> Element:
    first, last = part.exchanges[0], part.exchanges[-1]
    count = len(part.exchanges)
    text = f"… {count} more like it" if part.is_equal else f"… {count} requests are left out"
    times = f"{moment_text(first.at, timeline.zero)} to {moment_text(last.at, timeline.zero)}"
    return element("tr", element("td", f"{text}, {times}", colspan="5"), class_="folded")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
