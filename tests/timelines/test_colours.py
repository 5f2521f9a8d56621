"""Texts and marks can be told from what is behind them."""

from __future__ import annotations

import pytest

from jobmock.timelines.colours import COLOURS, themed
from jobmock.timelines.status_kinds import KINDS, status_kind

BEHIND = ["page", "panel", *(f"{kind}-fill" for kind in KINDS)]
MARKS = ("answered", "refused", "broken", "lost", "finding", "retry")
PAIRS = [
    *((text, behind, 4.5) for text in ("text", "muted", "link", "finding") for behind in ("page", "panel", "target")),
    *(("text", f"{kind}-fill", 4.5) for kind in KINDS),
    *((mark, behind, 3) for mark in MARKS for behind in BEHIND),
    *((f"{kind}-edge", behind, 3) for kind in KINDS for behind in ("page", "panel", f"{kind}-fill")),
]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast(theme: int) -> None:
    """On light and dark screens, texts have the contrast of WCAG's level AA, and so have marks and edges."""
    low = {}
    for front, behind, least in PAIRS:
        light, dark = sorted((luminance(COLOURS[name][theme]) for name in (front, behind)), reverse=True)
        ratio = (light + 0.05) / (dark + 0.05)
        if ratio < least:
            low[front, behind] = round(ratio, 2)
    assert low == {}


def test_rules_for_both_themes() -> None:
    """Each rule has the light colour, and the dark one within the media query."""
    css = themed({".a": {"fill": "page", "stroke": "text"}})
    assert css == (
        ".a{fill:#ffffff;stroke:#1f2328}@media (prefers-color-scheme:dark){.a{fill:#0d1117;stroke:#e6edf3}}"
    )


@pytest.mark.parametrize(
    ("api", "kinds"),
    [
        ("clado", {"pending": "early", "searching": "middle", "processing": "late", "completed": "success",
                   "error": "ended", "cancelled": "ended", "not_found": "other", "new": "other"}),
        ("orbit", {"running": "early", "generating_sections": "middle", "completed": "success", "failed": "ended"}),
    ],
)  # fmt: skip
def test_kinds_of_statuses(api: str, kinds: dict[str, str]) -> None:
    """Each status has the kind that its API gives it, and an undocumented one a kind of its own."""
    assert {status: status_kind(api, status) for status in kinds} == kinds
