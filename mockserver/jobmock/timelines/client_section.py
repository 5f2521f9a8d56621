"""What a client did with one key as HTML: findings, lanes, and the table of requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from ..etiquette import Finding
from ..redaction import redact
from .client_timeline import ClientTimeline
from .elements import element
from .lanes_svg import flag_id, lanes_svg, row_id
from .legend import legend
from .request_table import request_table

_MOST_FINDINGS, _MOST_LINKS = 100, 12


def client_section(timeline: ClientTimeline, section: str = "", heading: str = "h2") -> Element:
    """Return the part of a page about one client. `section` makes its ids differ from those of other clients."""
    caption = element("figcaption", legend(timeline))
    return element(
        "section", element(heading, timeline.name), element("p", _counts(timeline), class_="counts"),
        _findings(timeline, section), element("style", _highlights(timeline, section)) if timeline.findings else None,
        element("figure", lanes_svg(timeline, section), caption) if timeline.lanes else None,
        request_table(timeline, section), class_="client",
    )  # fmt: skip


def _counts(timeline: ClientTimeline) -> str:
    count = len(timeline.exchanges) + timeline.dropped
    parts = [f"{count} request{'s' * (count != 1)}"]
    if timeline.dropped:
        parts.append(f"the journal no longer has the oldest {timeline.dropped}")
    if timeline.lanes_left_out:
        parts.append(f"{timeline.lanes_left_out} more jobs have no lane here")
    return "; ".join(parts) + "."


def _findings(timeline: ClientTimeline, section: str) -> Element | None:
    """Return the list of findings, or None if there are none."""
    if not timeline.findings:
        return None
    shown = timeline.findings[:_MOST_FINDINGS]
    rows = [_finding(one, section) for one in shown]
    if len(timeline.findings) > len(shown):
        rows.append(element("li", f"… and {len(timeline.findings) - len(shown)} more", class_="folded"))
    return element("ol", *rows, class_="findings")


def _finding(finding: Finding, section: str) -> Element:
    links = list(_links(finding.exchanges, section))
    return element(
        "li", element("strong", finding.rule), f" ({finding.severity}): {redact(finding.evidence)}. ",
        element("span", redact(finding.remedy), class_="remedy"),
        element("span", *links, class_="links") if links else None, class_=finding.severity,
    )  # fmt: skip


def _links(numbers: Sequence[int], section: str) -> Iterator[Element | str]:
    """Yield links to the rows of the first and the last requests."""
    half = _MOST_LINKS // 2
    several = len(numbers) > _MOST_LINKS
    shown = [*numbers[:half], *numbers[-half:]] if several else numbers
    if shown:
        yield " Request" + "s" * (len(numbers) != 1)
    for place, number in enumerate(shown):
        yield " … " if several and place == half else " "
        yield element("a", str(number), href=f"#{row_id(number, section)}")


def _highlights(timeline: ClientTimeline, section: str) -> str:
    """Return the rules of CSS by which a link to a row shows the flag too, and one to a flag the row."""
    numbers = [number for finding in timeline.findings[:_MOST_FINDINGS] for number in finding.exchanges]
    pairs = [(row_id(number, section), flag_id(number, section)) for number in dict.fromkeys(numbers)]
    rows = ",".join(f":root:has(#{flag}:target) #{row}" for row, flag in pairs)
    poles = ",".join(f":root:has(#{row}:target) #{flag} .pole" for row, flag in pairs)
    return f"{poles}{{visibility:visible}}{rows}{{background:var(--target)}}"
