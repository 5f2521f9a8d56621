"""The timeline of a scenario as SVG: its steps, and which requests meet a fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from xml.etree.ElementTree import Element

from ..catalogue.explain_scenario import explain
from ..catalogue.scenario_description import DescribedFault, DescribedStep, described
from ..engine.progression import Plan
from ..models import Fault
from . import marks, svg_style
from .elements import append, element, to_svg
from .status_kinds import status_kind
from .text_layout import shortened, text_width, wrapped

_WIDTH, _PAD = 500, 16
_INNER, _INDENT, _WIDEST_STATUS = _WIDTH - 2 * _PAD, _PAD + 28, 200
_MOST_STEPS, _MOST_FAULTS, _MOST_REQUESTS = 40, 40, 24
_MOST_OF_TEXT = 8_000
_POLL, _MOST_POLLS, _TAIL, _LEAST = 22.0, 6, 90.0, 6.0
"""Widths of a poll, of how many polls at most, of the last step, and the least one of a step."""


def scenario_svg(plan: Plan) -> str:
    """Return the timeline of a scenario as an SVG file, which needs nothing else."""
    return to_svg(scenario_picture(plan))


def scenario_picture(plan: Plan) -> Element:
    """Return the timeline of a scenario as an element of SVG."""
    return _Drawing(plan).root()


class _Drawing:
    """A picture that grows downwards."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._words = plan, described(plan)
        self._parts: list[Element] = []
        self._y = float(_PAD)

    def root(self) -> Element:
        scenario, words = self._plan.scenario, self._words
        self._text(scenario.name, 16, bold=True)
        self._lines(scenario.summary, 13, "muted")
        self._steps("From the moment the job is made", words.steps)
        if words.continuation:
            self._steps(words.continuation_title, words.continuation)
        if words.faults:
            self._faults(words.faults)
        if words.settings:
            self._heading("Beside that")
            for line in words.settings:
                self._lines(line, 13, "text")
        height = self._y + _PAD - 6
        return element(
            "svg", element("title", f"{scenario.name}: a timeline"),
            element("desc", explain(self._plan)[:_MOST_OF_TEXT]),
            element("style", svg_style.CSS), element("rect", class_="page", width="100%", height="100%", rx=6),
            *self._parts, viewBox=f"0 0 {_WIDTH} {height:g}", width=_WIDTH, height=height, role="img",
        )  # fmt: skip

    def _heading(self, text: str) -> None:
        self._y += 12
        for line in wrapped(text, _INNER, 12):
            self._text(line, 12, "muted")
        self._y += 2

    def _text(self, text: str, size: float, class_: str = "text", *, x: float = _PAD, bold: bool = False) -> None:
        self._y += size * 1.35
        shown = shortened(text, _WIDTH - _PAD - x, size, bold=bold)
        self._parts.append(svg_style.text(shown, x, self._y - size * 0.3, size, class_, bold=bold))

    def _lines(self, text: str, size: float, class_: str, x: float = _PAD) -> None:
        for line in wrapped(text, _WIDTH - _PAD - x, size):
            self._text(line, size, class_, x=x)

    def _steps(self, heading: str, steps: Sequence[DescribedStep]) -> None:
        self._heading(heading)
        shown = steps[:_MOST_STEPS]
        column = min(max(text_width(step.stage.status, 14, bold=True) for step in shown), _WIDEST_STATUS)
        for step, (begin, width) in zip(shown, _places(shown), strict=True):
            self._step(step, begin, width, _INDENT + column + 12)
        if len(steps) > len(shown):
            self._text(f"… and {len(steps) - len(shown)} more steps", 13, "muted")

    def _step(self, step: DescribedStep, begin: float, width: float, after: float) -> None:
        """Draw a step: its words, of which the later ones begin at `after`, and below its bar."""
        kind = status_kind(self._plan.scenario.api, step.stage.status)
        results = step.results or ""
        right = _WIDTH - _PAD - text_width(results, 13)
        number, baseline = f"{step.stage.number + 1}.", self._y + 15
        status = shortened(step.stage.status, _WIDEST_STATUS, 14, bold=True)
        append(
            self._group(kind), svg_style.text(number, _PAD, baseline, 13, "muted"),
            svg_style.text(status, _INDENT, baseline, 14, "text", bold=True),
            svg_style.text(shortened(step.until, right - 10 - after, 13), after, baseline, 13, "text"),
            svg_style.text(results, _WIDTH - _PAD, baseline, 13, "muted", anchor="end"),
            *_bar(step, _PAD + begin, self._y + 22, width),
        )  # fmt: skip
        self._y += 40
        if step.notes:
            self._y -= 4
            self._lines(step.notes, 12, "muted", x=_INDENT)
            self._y += 6

    def _group(self, kind: str) -> Element:
        group = element("g", class_=f"kind-{kind}")
        self._parts.append(group)
        return group

    def _faults(self, faults: Sequence[DescribedFault]) -> None:
        self._heading("Requests that meet a fault")
        operations = dict.fromkeys(one.fault.operation for one in faults)
        for operation in operations:
            self._strip(operation, [one.fault for one in faults if one.fault.operation == operation])
        for one in faults[:_MOST_FAULTS]:
            self._parts.append(marks.mark(_shape(one.fault), _PAD + 6, self._y + 11))
            self._lines(f"{one.fault.operation}, {one.requests}: {one.effects}", 13, "text", x=_INDENT)
            self._y += 3
        if len(faults) > _MOST_FAULTS:
            self._text(f"… and {len(faults) - _MOST_FAULTS} more faults", 13, "muted")

    def _strip(self, operation: str, faults: Sequence[Fault]) -> None:
        """Draw the first requests of an operation in a row, each with the mark of its fault."""
        last = max((last for fault in faults for last in _last_request(fault)), default=0)
        if not last:
            return
        count, left = min(max(last + 1, 6), _MOST_REQUESTS), _INDENT + text_width(operation, 13) + 12
        self._parts.append(svg_style.text(operation, _INDENT, self._y + 13, 13))
        for number in range(1, count + 1):
            x = left + (number - 0.5) * (_WIDTH - _PAD - left) / _MOST_REQUESTS
            met = next((fault for fault in faults if _meets(fault, number)), None)
            self._parts.append(marks.mark(_shape(met) if met else "answered", x, self._y + 9))
            self._parts.append(svg_style.text(str(number), x, self._y + 28, 10, "muted", anchor="middle"))
        self._y += 34


def _places(steps: Sequence[DescribedStep]) -> Iterator[tuple[float, float]]:
    """Yield begin and width of the bars. Times are to scale among themselves; a poll has always the same width."""
    afters = [step.stage.after for step in steps]
    fixed = [_TAIL if one is None else _POLL * min(one.polls or 0, _MOST_POLLS) for one in afters]
    times = [one.time or 0 if one is not None else 0 for one in afters]
    room = max(_INNER - sum(fixed), 120.0) if any(times) else 0.0
    total = sum(times) or 1
    widths = [max(width, _LEAST, room * time / total) for width, time in zip(fixed, times, strict=True)]
    scale = min(1.0, _INNER / sum(widths))
    begins = accumulate((width * scale for width in widths), initial=0.0)
    return ((begin, width * scale) for begin, width in zip(begins, widths, strict=False))


def _bar(step: DescribedStep, x: float, y: float, width: float) -> Iterator[Element]:
    """Yield the bar of a step. One that counts polls has a line for each, and the last one is open to the right."""
    after = step.stage.after
    yield element("rect", class_="fill", x=x, y=y, width=width, height=10)
    yield element("path", class_="edge", d=f"M{x:.1f} {y + 10:.1f}h{width:.1f}")
    if after is None:
        yield element("path", class_="open", d=f"M{x + width - 5:.1f} {y:.1f}l5 5-5 5")
    elif after.polls is not None:
        shown = min(after.polls, _MOST_POLLS)
        for number in range(1, shown + 1):
            place = x + width * number / shown
            yield element("path", class_="mark answered", d=f"M{place:.1f} {y:.1f}v10")
    else:
        yield element("path", class_="open", d=f"M{x + width:.1f} {y:.1f}v10")


def _shape(fault: Fault) -> marks.Shape:
    if fault.spoils:
        return "broken"
    return "refused" if fault.respond else "late"


def _last_request(fault: Fault) -> Iterator[int]:
    when = fault.when
    if when.requests is not None:
        yield min(when.requests[1], _MOST_REQUESTS)
    elif when.every is not None:
        yield min(3 * when.every, _MOST_REQUESTS)


def _meets(fault: Fault, number: int) -> bool:
    when = fault.when
    if when.requests is not None:
        return when.requests[0] <= number <= when.requests[1]
    return when.every is not None and number % when.every == 0
