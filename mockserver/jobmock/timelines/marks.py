"""The marks of requests: each outcome has its own shape, so that colour isn't needed to read a picture."""

from __future__ import annotations

from typing import Literal
from xml.etree.ElementTree import Element

from .elements import element
from .outcomes import Outcome

LABELS: dict[Outcome, str] = {
    "answered": "answered",
    "refused": "refused",
    "broken": "broken on the wire",
    "lost": "lost: the client had left",
}
HALF = 5.0
"""Half of a mark's width and height."""
Shape = Outcome | Literal["late"]
"""An answer that a fault makes late has a shape of its own where its time isn't known."""
_SHAPES: dict[Shape, str] = {
    "answered": "M0-5v10",
    "late": "M-3.5-5v10m0-5h7m-2.5-2.5l2.5 2.5l-2.5 2.5",
    "refused": "M0-5.5 5.5 0 0 5.5-5.5 0z",
    "broken": "M-4.5-4.5l9 9m0-9l-9 9",
    "lost": "M4.5 0a4.5 4.5 0 1 1-9 0a4.5 4.5 0 1 1 9 0z",
}
RULES = {
    ".answered,.late": {"stroke": "answered"},
    ".refused": {"fill": "refused", "stroke": "refused"},
    ".broken": {"stroke": "broken"},
    ".lost": {"stroke": "lost", "fill": "page"},
    ".retry": {"stroke": "retry"},
    ".held": {"stroke": "answered"},
    ".flag": {"fill": "finding", "stroke": "finding"},
}
CSS = (
    ".mark{stroke-width:2}.late,.broken{fill:none}.broken{stroke-width:2.5}.lost{stroke-width:2.5}"
    ".retry{stroke-width:7;stroke-dasharray:2 3}.held{stroke-width:1.5}"
)


def mark(shape: Shape, x: float, y: float, *children: Element) -> Element:
    """Return the mark of a request: a line, a diamond, a cross, a ring or an arrow."""
    return element("path", *children, d=_SHAPES[shape], transform=f"translate({x:.1f} {y:.1f})", class_=f"mark {shape}")
