"""Charts of measured figures: `python -m tests.benchmarks chart FILE.json` writes `FILE.svg` and prints a table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from tests.benchmarks.subjects import BARE, OWN

_WIDTH, _LABEL, _BAR, _GAP, _HEAD = 760, 150, 16, 6, 34
_SCALE = (_WIDTH - _LABEL - 60) / 1.25
_COLOURS = {OWN: "#0a7d55", BARE: "#8a8f98"}
_OTHER = "#b9c0ca"
_STYLE = "text{font:12px sans-serif;fill:#57606a}.head{font-weight:bold}.own{fill:#0a7d55;font-weight:bold}"


def chart(figures: Mapping[str, Any]) -> str:
    """Return an SVG with the servers' shares of the bare one as horizontal bars, in a group for each case."""
    parts, top = [], 8
    for case, subjects in figures["servers"]["cases"].items():
        parts.append(f'<text class="head" x="0" y="{top + 14}">{escape(case)}</text>')
        top += _HEAD - 10
        for who, shares in sorted(subjects.items(), key=lambda item: -item[1]["share"]):
            parts.append(_bar(who, shares["share"], shares["share_least"], shares["share_most"], top))
            top += _BAR + _GAP
        top += 8
    note = f"Requests for a second of the server's processor time; {BARE} on uvicorn = 1. Lines: least to most."
    parts.append(f'<text x="0" y="{top + 10}">{escape(note)}</text>')
    size = f'width="{_WIDTH}" height="{top + 20}" viewBox="0 0 {_WIDTH} {top + 20}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(note)}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def table(figures: Mapping[str, Any]) -> str:
    """Return the servers' shares of the bare one as a Markdown table with a row for each server."""
    cases = figures["servers"]["cases"]
    rows = [["server", *cases], ["---", *["--:"] * len(cases)]]
    rows += [[who, *(f"{shares[who]['share']:.2f}" for shares in cases.values())] for who in next(iter(cases.values()))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _bar(who: str, share: float, least: float, most: float, top: int) -> str:
    middle, kind = top + _BAR / 2, ' class="own"' if who == OWN else ""
    left, right, end = (_LABEL + min(value, 1.25) * _SCALE for value in (least, most, share))
    return (
        f'<text{kind} x="{_LABEL - 8}" y="{top + 12}" text-anchor="end">{escape(who)}</text>'
        f'<rect x="{_LABEL}" y="{top}" width="{end - _LABEL:.1f}" height="{_BAR}" fill="{_COLOURS.get(who, _OTHER)}"/>'
        f'<path d="M{left:.1f} {middle}H{right:.1f}" stroke="#24292f"/>'
        f'<text{kind} x="{max(end, right) + 6:.1f}" y="{top + 12}">{share:.2f}</text>'
    )


def write(figures: Mapping[str, Any], path: Path) -> None:
    """Write the chart into a file."""
    path.write_text(chart(figures), encoding="utf-8")
