"""The marks of requests: each outcome has its own shape, so that colour isn't needed to read a picture."""

from __future__ import annotations

from typing import Literal
from xml.etree.ElementTree import Element

from .elements import element
from .outcomes import Outcome

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
    ".held": {"stroke": "answered", "fill": "answered"},
    ".flag,.pole": {"fill": "finding", "stroke": "finding"},
}
CSS = (
    ".mark{stroke-width:2}.late,.broken{fill:none}.broken{stroke-width:2.5}.lost{stroke-width:2.5}"
    ".retry{stroke-width:6;stroke-dasharray:2 3}.held{stroke-width:1.5}.flag{stroke-width:1;stroke-linejoin:round}"
    ".pole{stroke-width:2;visibility:hidden}a:target .pole,a:focus .pole,a:hover .pole{visibility:visible}"
)


def mark(shape: Shape, x: float, y: float) -> Element:
    """Return the mark of a request: a line, a diamond, a cross, a ring or an arrow."""
    return element("path", d=_SHAPES[shape], transform=f"translate({x:.1f} {y:.1f})", class_=f"mark {shape}")


def definitions() -> Element:
    """Return the definitions of all marks, to which `placed` refers. A file has them once."""
    shapes = (element("path", id=f"mark-{shape}", d=path) for shape, path in _SHAPES.items())
    return element("defs", *shapes)


def placed(shape: Shape, x: str, y: float, *children: Element, more: str = "") -> Element:
    """Return the mark of a request at a place in percent. `more` are further classes."""
    return element("use", *children, href=f"#mark-{shape}", x=x, y=y, class_=f"mark {shape}{more}")
