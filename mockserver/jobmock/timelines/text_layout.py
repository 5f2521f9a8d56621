"""Where texts end in a picture. SVG doesn't break lines, and the font isn't known, so widths are estimates."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import combining, east_asian_width

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[] "), frozenset("mwMW@%—")
_EMS = {"narrow": 0.36, "usual": 0.61, "wide": 0.95, "square": 1.05}
_BOLD = 1.12


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at most in a usual font without serifs. `size` is that of the font in pixels."""
    return sum(map(_ems, text)) * size * (_BOLD if bold else 1)


def shortened(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text that fits into a width. If it is too long, its end is cut off; nothing is left of room for two."""
    if text_width(text, size, bold=bold) <= width:
        return text
    room = width - text_width("…", size, bold=bold)
    for length, sign in enumerate(text):
        room -= text_width(sign, size, bold=bold)
        if room < 0:
            return f"{text[:length].rstrip()}…" if length > 1 else ""
    return text


def wrapped(text: str, width: float, size: float, most: int = 8) -> Iterator[str]:
    """Yield at most so many lines of a text that fit into a width. A longer word is cut."""
    line, count = "", 0
    words = text.split()
    for number, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if text_width(longer, size) <= width:
            line = longer
            continue
        count += 1
        if count == most:
            yield shortened(f"{line} {' '.join(words[number:])}", width, size)
            return
        if line:
            yield line
        line = shortened(word, width, size)
    if line:
        yield line


def _ems(sign: str) -> float:
    if combining(sign):
        return 0
    if east_asian_width(sign) in "WF":
        return _EMS["square"]
    if sign.isupper() and sign not in "I":
        return _EMS["wide"] if sign in _WIDE else 0.72
    return _EMS["narrow" if sign in _NARROW else "wide" if sign in _WIDE else "usual"]
