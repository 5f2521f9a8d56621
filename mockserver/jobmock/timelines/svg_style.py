"""The style of all SVG pictures, and their texts."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from . import marks
from .colours import themed
from .elements import element
from .status_kinds import KINDS

FONT = "font-family:ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
_RULES = {
    ".page": {"fill": "page"},
    ".text": {"fill": "text"},
    ".muted": {"fill": "muted"},
    ".finding": {"fill": "finding"},
    ".axis": {"stroke": "line"},
    ".band": {"fill": "panel"},
    **{f".kind-{kind} .fill": {"fill": f"{kind}-fill"} for kind in KINDS},
    **{f".kind-{kind} .edge,.kind-{kind} .open,.kind-{kind} .border": {"stroke": f"{kind}-edge"} for kind in KINDS},
    **marks.RULES,
}
CSS = (
    f"text{{{FONT};font-variant-numeric:tabular-nums}}.bold{{font-weight:600}}"
    ".edge{fill:none;stroke-width:2.5}.open{fill:none;stroke-width:1.5}.kind-ended .edge{stroke-dasharray:6 3}"
    f".kind-other .edge{{stroke-dasharray:2 3}}{marks.CSS}{themed(_RULES)}"
)


def text(
    content: str, x: float | str, y: float, size: float, class_: str = "text", *, bold: bool = False,
    anchor: str | None = None,
) -> Element:  # fmt: skip
    """Return a text whose baseline begins at a place, or is in the `middle` or at the `end` there."""
    return element(
        "text", content, x=x, y=y, font_size=size, class_=f"{class_} bold" if bold else class_, text_anchor=anchor
    )
