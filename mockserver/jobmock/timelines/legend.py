"""The legend of lanes: what the marks mean that are in them."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .client_timeline import ClientTimeline
from .elements import element
from .outcomes import OUTCOMES

_OUTCOMES = {
    "answered": "answered", "refused": "refused", "broken": "broken by a fault", "lost": "lost: the client had left",
}  # fmt: skip


def legend(timeline: ClientTimeline) -> Element:
    """Return a list of the marks in the lanes of a client, each with its meaning."""
    rows = (
        element("li", element("svg", shape, width=14, height=14, aria_hidden="true"), " ", meaning)
        for shape, meaning in legend_marks(timeline)
    )
    return element("ul", *rows, class_="legend", aria_label="Marks")


def legend_marks(timeline: ClientTimeline) -> Iterator[tuple[Element, str]]:
    """Yield the marks in the lanes of a client, 14 pixels wide, with their meanings."""
    exchanges = timeline.exchanges
    found = {timeline.outcome(one) for one in exchanges}
    for outcome in OUTCOMES:
        if outcome in found:
            yield element("use", href=f"#mark-{outcome}", x=7, y=7, class_=f"mark {outcome}"), _OUTCOMES[outcome]
    if any(one.held for one in exchanges):
        yield element("path", class_="held", d="M0 7h10m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0"), "held answer"
    if any(one.retry for one in exchanges):
        yield element("line", class_="retry", x1=0, x2=14, y1=7, y2=7), "Retry-After: no request here"
    if timeline.evidence:
        yield element("path", class_="flag", d="M7 2l5 8h-10z"), "evidence of a finding"
