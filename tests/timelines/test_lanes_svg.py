"""The lanes of a client as SVG: spans, marks and flags at their times."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from tests.support import Mock
from tests.timelines.clients import impatient, poll_every, timeline_of

from jobmock.timelines.client_timeline import ClientTimeline
from jobmock.timelines.elements import to_svg
from jobmock.timelines.lanes_svg import lanes_svg
from jobmock.timelines.text_layout import text_width
from jobmock.timelines.time_scale import COLUMNS, TimeScale, percent


def drawn(timeline: ClientTimeline) -> list[Element]:
    """Return all elements of a picture, without their namespace."""
    elements = list(fromstring(to_svg(lanes_svg(timeline))).iter())
    for one in elements:
        one.tag = one.tag.rpartition("}")[2]
    return elements


def of_class(elements: list[Element], name: str) -> list[Element]:
    return [one for one in elements if name in (one.get("class") or "").split()]


def share(place: str | None) -> float:
    return float(str(place).removesuffix("%"))


def test_marks(mock: Mock) -> None:
    """Each request has the mark of its outcome at its time; a held answer has a line, and so has a Retry-After."""
    impatient(mock)
    timeline = timeline_of(mock)
    elements = drawn(timeline)
    marks = of_class(elements, "mark")
    assert Counter(str(one.get("class")) for one in marks) == {
        "mark answered": 9, "mark refused": 1, "mark broken": 1,
    }  # fmt: skip
    whole = timeline.end - timeline.begin
    refused = timeline.exchanges[3]
    (mark,), (bar,) = of_class(elements, "refused"), of_class(elements, "retry")
    assert share(mark.get("x")) == pytest.approx(100 * (refused.at - timeline.begin) / whole, abs=0.1)
    assert share(bar.get("x2")) == pytest.approx(100 * ((refused.retry or 0) - timeline.begin) / whole, abs=0.1)
    line = next(one for one in of_class(elements, "held") if one.tag == "line")
    assert share(line.get("x2")) - share(line.get("x1")) == pytest.approx(100 * 4e9 / whole, abs=0.1)


def test_spans(mock: Mock) -> None:
    """Statuses follow each other without a gap from the first to the end, each with the colours of its kind."""
    impatient(mock)
    elements = drawn(timeline_of(mock))
    spans = [one for kind in ("early", "middle", "success") for one in of_class(elements, f"kind-{kind}")]
    edges = [(share(one.get("x")), share(one.get("x")) + share(one.get("width"))) for one in spans]
    assert edges[0][0] == 0
    assert edges[-1][1] == pytest.approx(100)
    assert all(before[1] == pytest.approx(after[0]) for before, after in itertools.pairwise(edges))


def test_flags(mock: Mock) -> None:
    """Each request that a finding names has a flag, which leads to its row."""
    impatient(mock)
    timeline = timeline_of(mock)
    links = [one.get("href") for one in drawn(timeline) if one.tag == "a"]
    assert sorted(map(str, links)) == sorted(f"#e{number}" for number in timeline.evidence)
    assert links


def test_many_requests_are_drawn_once_a_place(mock: Mock) -> None:
    """Requests on one place have one mark, of the worst outcome there."""
    job = mock.play("clado", "clado/flaky")
    poll_every(mock, job, 0.01, 3000)
    timeline = timeline_of(mock)
    elements = drawn(timeline)
    places = Counter(one.get("x") for one in of_class(elements, "mark"))
    assert set(places.values()) == {1}
    assert len(places) <= COLUMNS
    scale = TimeScale(timeline.begin, timeline.end, timeline.zero)
    refused = {scale.column(one.at) for one in timeline.exchanges if timeline.outcome(one) == "refused"}
    assert {one.get("x") for one in of_class(elements, "refused")} == {percent(column) for column in refused}
    assert len(to_svg(lanes_svg(timeline))) < 150_000


def test_texts_below_a_lane_do_not_overlap(mock: Mock) -> None:
    """On a screen of 400 pixels, no two texts below a lane overlap."""
    job = mock.play("clado", "clado/thousand")
    poll_every(mock, job, 5, 5)
    for page in range(1, 60):
        mock.poll("clado", job, query=f"page={page}&page_size=10")
        mock.advance(0.3)
    texts = [one for one in drawn(timeline_of(mock)) if one.tag == "text" and one.get("font-size") == "10"]
    boxes = sorted(map(box, texts))
    assert len(boxes) > 3
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(boxes))


def box(text: Element) -> tuple[float, float]:
    """Return where a text begins and ends, in pixels of a lane that is 340 wide."""
    x, width = share(text.get("x")) * 3.4, text_width(text.text or "", 10)
    begin = {"start": 0.0, "middle": 0.5, "end": 1.0}[str(text.get("text-anchor"))]
    return x - width * begin, x + width * (1 - begin)


@pytest.mark.parametrize("names", [("clado/usual",), ("clado/lost-answers", "clado/slow")])
def test_lanes_are_below_each_other(mock: Mock, names: Any) -> None:
    """The picture is as high as its lanes and the axis."""
    for name in names:
        poll_every(mock, mock.play("clado", name), 5, 3)
    root = fromstring(to_svg(lanes_svg(timeline_of(mock))))
    assert float(root.get("height", 0)) == 90 * len(names) + 26
