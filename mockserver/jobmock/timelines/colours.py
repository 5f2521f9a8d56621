"""The colours of all pictures, for light and dark screens.

Texts have a contrast of 4.5 to 1 against what is behind them, marks and edges one of 3 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Colour(NamedTuple):
    """A colour on a light and on a dark screen."""

    light: str
    dark: str


COLOURS: Mapping[str, Colour] = {
    "page": Colour("#ffffff", "#0d1117"),
    "panel": Colour("#f6f8fa", "#161b22"),
    "text": Colour("#1f2328", "#e6edf3"),
    "muted": Colour("#59636e", "#9aa4ae"),
    "line": Colour("#d1d9e0", "#30363d"),
    "link": Colour("#0957c3", "#6cb1ff"),
    "target": Colour("#fff3b8", "#3d320b"),
    "early-fill": Colour("#eef2f7", "#1c232d"),
    "early-edge": Colour("#66758a", "#8494aa"),
    "middle-fill": Colour("#dfecfb", "#122b47"),
    "middle-edge": Colour("#2f74c0", "#5b9fe6"),
    "late-fill": Colour("#cfe3fa", "#173a63"),
    "late-edge": Colour("#0957c3", "#6cb1ff"),
    "success-fill": Colour("#d9f2e0", "#12351f"),
    "success-edge": Colour("#1a7f37", "#46bd62"),
    "ended-fill": Colour("#fde3e0", "#451a1c"),
    "ended-edge": Colour("#c4232c", "#ff7b72"),
    "other-fill": Colour("#f0e7fb", "#2c2145"),
    "other-edge": Colour("#7a45c2", "#b894f5"),
    "answered": Colour("#3d4752", "#c3ccd6"),
    "refused": Colour("#a8480a", "#f59a4e"),
    "broken": Colour("#b61f29", "#ff8a82"),
    "lost": Colour("#6f3bb8", "#c5a6fa"),
    "finding": Colour("#a8216b", "#ff8ac4"),
    "retry": Colour("#8a5a00", "#dba642"),
}

Rules = Mapping[str, Mapping[str, str]]
"""Selector → property → name of a colour."""


def themed(rules: Rules) -> str:
    """Return rules of CSS: those for light screens, and those that replace them on dark ones."""
    return f"{_css(rules, 0)}@media (prefers-color-scheme:dark){{{_css(rules, 1)}}}"


def _css(rules: Rules, theme: int) -> str:
    return "".join(
        f"{selector}{{{';'.join(f'{name}:{COLOURS[colour][theme]}' for name, colour in properties.items())}}}"
        for selector, properties in rules.items()
    )
