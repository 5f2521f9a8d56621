"""The lanes and the findings of a client as one SVG file, such as for a document."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..redaction import redact
from . import marks, svg_style
from .client_timeline import ClientTimeline
from .elements import element, to_svg
from .lanes_svg import lanes_svg
from .legend import legend_marks
from .text_layout import text_width, wrapped

_WIDTH, _PAD = 860.0, 20.0
_INNER = _WIDTH - 2 * _PAD
_MOST_FINDINGS, _ROW = 6, 20.0


def client_svg(title: str, timeline: ClientTimeline) -> str:
    """Return the picture of a client with a title as an SVG file, which needs nothing else."""
    lanes = _without_links(lanes_svg(timeline, width=_INNER))
    height = float(lanes.get("height", 0))
    lanes.set("x", f"{_PAD:g}")
    lanes.set("y", "52")
    lanes.set("width", f"{_INNER:g}")
    parts = [svg_style.text(title, _PAD, 34, 16, bold=True), lanes]
    bottom = 52 + height + 26
    for place, (icon, meaning) in _placed_legend(timeline):
        bottom += _ROW * (place == 0.0 and parts[-1] is not lanes)
        parts.append(element("svg", icon, x=_PAD + place, y=bottom - 11, width=14, height=14, overflow="visible"))
        parts.append(svg_style.text(meaning, _PAD + place + 20, bottom, 12, "muted"))
    for line, is_first in _finding_lines(timeline):
        bottom += _ROW + 8 * is_first
        parts.append(svg_style.text(line, _PAD, bottom, 13, "finding" if is_first else "text", bold=is_first))
    root = element(
        "svg", element("title", title), element("style", svg_style.CSS), marks.definitions(),
        element("rect", class_="page", width="100%", height="100%", rx=6), *parts, role="img",
        viewBox=f"0 0 {_WIDTH:g} {bottom + _PAD:g}", width=_WIDTH, height=bottom + _PAD,
    )  # fmt: skip
    return to_svg(root)


def _placed_legend(timeline: ClientTimeline) -> Iterator[tuple[float, tuple[Element, str]]]:
    """Yield each mark of the legend with its place in a row. A place of 0 begins a row."""
    place = 0.0
    for mark in legend_marks(timeline):
        width = 20 + text_width(mark[1], 12)
        if place + width > _INNER:
            place = 0.0
        yield place, mark
        place += width + 18


def _finding_lines(timeline: ClientTimeline) -> Iterator[tuple[str, bool]]:
    """Yield the lines about the findings, and whether each is the first one of its finding."""
    for place, finding in enumerate(timeline.findings[:_MOST_FINDINGS], 1):
        yield f"▲{place} {finding.rule} ({finding.severity})", True
        for line in wrapped(f"{redact(finding.evidence)}. {redact(finding.remedy)}", _INNER, 13):
            yield line, False


def _without_links(lanes: Element) -> Element:
    """Return lanes whose flags lead nowhere: there are no rows of requests in a picture."""
    for link in lanes.iter("a"):
        link.tag = "g"
        link.attrib.clear()
    return lanes
