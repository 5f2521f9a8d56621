"""Texts that come from elsewhere, such as names of files, as they may stand in a report."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import printable


def printable_lines(text: str) -> str:
    """Return a text with all characters escaped that a terminal can't show, except line breaks."""
    return "\n".join(map(printable, text.split("\n")))


def valid_unicode(text: str) -> str:
    """Return a text, such as a file's name, with escapes for bytes that aren't UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines, in which the cells of a column begin at the same place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)
