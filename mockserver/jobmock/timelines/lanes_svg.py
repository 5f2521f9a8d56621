"""The lanes of a client as SVG. Places are in percent and heights in pixels, so texts keep their size on any screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element

from ..engine.jobs import StatusSpan
from ..models import Exchange
from . import marks, svg_style
from .client_timeline import ClientTimeline, Lane
from .elements import append, element
from .exchange_words import exchange_title, moment_text
from .outcomes import OUTCOMES, Outcome
from .status_kinds import status_kind
from .text_layout import text_width
from .time_scale import COLUMNS, TimeScale, percent

_NARROW = 340.0
"""How many pixels the lanes have at least: their width on a small screen."""
_LANE, _BAND, _BAND_TOP, _MARK, _RETRY, _LABEL = 90.0, 40.0, 20.0, 24.0, 34.5, 13.0
_AXIS = 26.0
_MOST_LABELS, _MOST_TITLES = 60, 300
_SHORT_ID = 13


def lanes_svg(timeline: ClientTimeline, section: str = "", *, width: float = _NARROW) -> Element:
    """Return the lanes of a client. Flags refer to the rows of requests in a `section`, as `row_id` names them.

    Texts have room if the lanes are at least `width` pixels wide.
    """
    scale = TimeScale(timeline.begin, timeline.end, timeline.zero)
    height = _LANE * len(timeline.lanes) + _AXIS
    picture = element(
        "svg", *_axis(scale, height), class_="lanes", width="100%", height=height, overflow="visible", role="group",
        aria_label=f"Timeline of {timeline.name}",
    )  # fmt: skip
    for place, lane in enumerate(timeline.lanes):
        drawn = element("svg", y=place * _LANE, width="100%", height=_LANE, overflow="visible")
        append(drawn, *_LaneDrawing(timeline, lane, scale, section, width).parts())
        picture.append(drawn)
    return picture


def row_id(number: int, section: str = "") -> str:
    """Return the id of a request's row, to which links refer."""
    return f"e{number}{section}"


def flag_id(number: int, section: str = "") -> str:
    """Return the id of a request's flag in the lanes."""
    return f"m{number}{section}"


def _axis(scale: TimeScale, height: float) -> Iterator[Element]:
    """Yield the lines and the texts of the axis."""
    for moment in scale.ticks():
        column = scale.column(moment)
        place = percent(column)
        yield element("line", class_="axis", x1=place, x2=place, y1=_BAND_TOP, y2=height - 18)
        anchor = "start" if column < COLUMNS / 20 else "end" if column > COLUMNS * 0.93 else "middle"
        label = moment_text(moment, scale.zero)
        yield svg_style.text(label, place, height - 5, 11, "muted", anchor=anchor)


class _LaneDrawing:
    """Draws one lane: statuses, marks, pauses that Retry-After wants, flags of findings, and short texts."""

    def __init__(
        self, timeline: ClientTimeline, lane: Lane, scale: TimeScale, section: str, width: float
    ) -> None:
        self._timeline, self._lane, self._scale, self._section, self._width = timeline, lane, scale, section, width
        self._evidence = timeline.evidence

    def parts(self) -> Iterator[Element]:
        yield from self._label()
        yield element("rect", class_="band", y=_BAND_TOP, width="100%", height=_BAND)
        for span in self._lane.spans:
            yield from self._span(span)
        yield from self._pauses()
        yield from self._held_answers()
        yield from self._marks()
        yield from self._flags_and_texts()

    def _label(self) -> Iterator[Element]:
        lane = self._lane
        name = lane.title if lane.job is None else f"{_short(lane.job)}  {lane.title}"
        yield svg_style.text(name.strip(), 0, _LABEL, 12, "text", bold=True)

    def _span(self, span: StatusSpan) -> Iterator[Element]:
        begin, end = (self._scale.column(moment) for moment in (span.begin, span.end or self._timeline.end))
        width, kind = max(end - begin, 2), status_kind(self._timeline.api, span.status)
        drawn = element(
            "svg", class_=f"kind-{kind}", x=percent(begin), y=_BAND_TOP, width=percent(width), height=_BAND
        )  # fmt: skip
        append(
            drawn, element("title", self._span_title(span)),
            element("rect", class_="fill", width="100%", height="100%"),
            element("line", class_="edge", x2="100%", y1=_BAND - 1, y2=_BAND - 1),
            element("line", class_="border", y2="100%") if begin else None,
        )  # fmt: skip
        if width * self._width / COLUMNS > text_width(span.status, 11) / 3:
            drawn.append(svg_style.text(span.status, 5, 13, 11, "text"))
        yield drawn

    def _span_title(self, span: StatusSpan) -> str:
        zero = self._timeline.zero
        until = "" if span.end is None else f" to {moment_text(span.end, zero)}"
        return f"{span.status}: {moment_text(span.begin, zero)}{until}"

    def _pauses(self) -> Iterator[Element]:
        """Yield the times within which Retry-After allows no request. Those that overlap are one."""
        found = sorted((one.at, one.retry) for one in self._lane.exchanges if one.retry and one.retry > one.at)
        columns = ((self._scale.column(begin), self._scale.column(end)) for begin, end in found)
        for begin, end in _united(columns):
            yield _line("retry", begin, end, _BAND_TOP + _RETRY)

    def _held_answers(self) -> Iterator[Element]:
        pairs = ((one.at, one.held) for one in self._lane.exchanges if one.held)
        columns = ((self._scale.column(at), self._scale.column(held)) for at, held in pairs)
        for begin, end in sorted({(begin, end) for begin, end in columns if end > begin + 2}):
            yield _line("held", begin, end, _BAND_TOP + _MARK)
            yield element("circle", class_="held", cx=percent(end), cy=_BAND_TOP + _MARK, r=2.5)

    def _marks(self) -> Iterator[Element]:
        """Yield one mark for each place, of the worst outcome there."""
        ordered = sorted(self._lane.exchanges, key=lambda one: one.at)
        groups = [list(group) for _, group in groupby(ordered, lambda one: self._scale.column(one.at))]
        has_titles = len(groups) <= _MOST_TITLES
        for group in sorted(groups, key=lambda one: self._worst(one) != "answered"):
            outcome, place = self._worst(group), percent(self._scale.column(group[0].at))
            title = element("title", self._marks_title(group)) if has_titles else None
            yield marks.placed(outcome, place, _BAND_TOP + _MARK, *([title] if title is not None else []))

    def _worst(self, group: Sequence[Exchange]) -> Outcome:
        return max((self._timeline.outcome(one) for one in group), key=OUTCOMES.index)

    def _marks_title(self, group: Sequence[Exchange]) -> str:
        if len(group) == 1:
            return exchange_title(group[0], self._timeline.outcome(group[0]), self._timeline.zero)
        counts = Counter(self._timeline.outcome(one) for one in group)
        shown = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
        return f"requests {group[0].number} to {group[-1].number}: {shown}"

    def _flags_and_texts(self) -> Iterator[Element]:
        """Yield the flags of findings, and texts below the marks where nothing else is near."""
        taken: list[tuple[float, float]] = []
        flagged = [one for one in self._lane.exchanges if one.number in self._evidence]
        for exchange in flagged:
            yield self._flag(exchange, taken)
        texts = 0
        for exchange in self._lane.exchanges:
            label = _short_text(exchange)
            if label and texts < _MOST_LABELS and self._take(exchange.at, text_width(label, 10), taken):
                texts += 1
                yield self._text(label, exchange.at, _BAND_TOP + _BAND + 13)

    def _flag(self, exchange: Exchange, taken: list[tuple[float, float]]) -> Element:
        number = ", ".join(str(place + 1) for place in self._evidence[exchange.number])
        x, y = percent(self._scale.column(exchange.at)), _BAND_TOP + _BAND + 2
        pole = element("path", class_="pole", d=f"M0 0v-{_BAND + 2:g}")
        flag = element("svg", pole, element("path", class_="flag", d="M0 0l5 8h-10z"), x=x, y=y, overflow="visible")
        link = element(
            "a", element("title", f"finding {number}, request {exchange.number}"), flag,
            href=f"#{row_id(exchange.number, self._section)}", id=flag_id(exchange.number, self._section),
        )  # fmt: skip
        if self._take(exchange.at, text_width(number, 11, bold=True) + 4, taken):
            link.append(self._text(number, exchange.at, y + 19, 11, "finding", bold=True))
        return link

    def _take(self, moment: int, width: float, taken: list[tuple[float, float]]) -> bool:
        """Take the room of a text below the lane. Returns False if another text has it."""
        middle = self._scale.column(moment) * self._width / COLUMNS
        begin, end = middle - width / 2 - 2, middle + width / 2 + 2
        if any(begin < other_end and other_begin < end for other_begin, other_end in taken):
            return False
        taken.append((begin, end))
        return True

    def _text(
        self, content: str, moment: int, y: float, size: float = 10, class_: str = "muted", *, bold: bool = False
    ) -> Element:
        column = self._scale.column(moment)
        anchor = "start" if column < COLUMNS / 40 else "end" if column > COLUMNS * 0.98 else "middle"
        return svg_style.text(content, percent(column), y, size, class_, bold=bold, anchor=anchor)


def _line(class_: str, begin: int, end: int, y: float) -> Element:
    return element("line", class_=class_, x1=percent(begin), x2=percent(end), y1=y, y2=y)


def _united(intervals: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield intervals, sorted by their begin, with those as one that overlap."""
    last: tuple[int, int] | None = None
    for begin, end in intervals:
        if last is None or begin > last[1]:
            if last is not None:
                yield last
            last = begin, end
        else:
            last = last[0], max(last[1], end)
    if last is not None:
        yield last


def _short(job: str) -> str:
    return job if len(job) <= _SHORT_ID else f"{job[: _SHORT_ID - 5]}…"


def _short_text(exchange: Exchange) -> str:
    """Return what stands below a mark: a page's number, the operation if it is no poll, else nothing."""
    if exchange.operation not in ("status", None):
        return exchange.operation
    if exchange.page is not None:
        return f"p{exchange.page.page}"
    return "" if exchange.operation else str(exchange.status)
