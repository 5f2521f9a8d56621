"""Markdown shows any text as it is, in one cell or one block of code."""

from __future__ import annotations

import re

import pytest

from jobmock.reports.markdown import code_block, details, escaped, table


def test_table() -> None:
    """Each row has as many cells as the heading, whatever the cells have in them."""
    lines = table(("A", "B"), [(escaped("a|b\n`c`"), 12), ("x", escaped("|"))], numbers=("B",)).splitlines()
    assert lines[:2] == ["| A | B |", "|---|--:|"]
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines] == [3, 3, 3, 3]


@pytest.mark.parametrize("text", ["plain", "```", "a\n````\nb", "`" * 7 + "\x1b"])
def test_code_block(text: str) -> None:
    """No line of a text ends the block of code that it is in."""
    first, *inner, last = code_block(text).splitlines()
    assert first.startswith(last) and set(last) == {"`"}
    assert [line for line in inner if line.startswith(last)] == []
    assert "\x1b" not in "".join(inner)


def test_details() -> None:
    """A summary can't end its element."""
    assert "<b>" not in details("</summary><b>", "text") and "\n\ntext\n" in details("a", "text")
