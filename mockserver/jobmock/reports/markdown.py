"""Markdown, for an issue or a job's summary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from ..errors import printable
from .plain_text import printable_lines

_MARKS = "\\|`*_<>[]&~"
_LEAST_FENCE = 3


def escaped(text: str) -> str:
    """Return a text in one line, with a backslash before each character that has a meaning in Markdown."""
    return "".join(f"\\{sign}" if sign in _MARKS else sign for sign in printable(text))


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[str] = ()) -> str:
    """Return a table of cells that are Markdown. Columns whose heading is in `numbers` are aligned to the right."""
    rule = "|".join("--:" if heading in numbers else "---" for heading in headings)
    return "".join([_row(headings), f"|{rule}|\n", *map(_row, rows)])


def details(summary: str, body: str) -> str:
    """Return a block that is folded away below a plain text. `body` is Markdown."""
    return f"<details><summary>{escape(printable(summary))}</summary>\n\n{body}\n</details>\n"


def code_block(text: str) -> str:
    """Return a text as a block of code. Its fence is longer than every row of backticks in the text."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(_LEAST_FENCE, longest + 1)
    return f"{fence}text\n{printable_lines(text)}\n{fence}\n"


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |\n"
