"""GitHub reads back from an annotation exactly what was written."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from jobmock.errors import printable
from jobmock.reports.github import annotation
from jobmock.reports.plain_text import printable_lines

TEXTS = st.text() | st.text(alphabet="%:,=\r\n0ADC2345\x1b a")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Return the level, properties and message of an annotation, as GitHub's runner reads it."""
    found = re.fullmatch(r"::(\w+)(?: ([^:]*))?::(.*)\n", line)
    assert found, line
    pairs = (pair.partition("=") for pair in (found[2] or "").split(",") if pair)
    return found[1], {name: unescaped(value, "%3A:", "%2C,") for name, _, value in pairs}, unescaped(found[3])


def unescaped(text: str, *more: str) -> str:
    for one in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(one[:3], one[3:])
    return text


@given(TEXTS, TEXTS)
def test_round_trip(title: str, message: str) -> None:
    """Any title and message come back, with escapes for what a terminal can't show, and fill one line."""
    line = annotation("error", message, title=title, file=None)
    assert read(line) == ("error", {"title": printable_lines(title)}, printable_lines(message))
    assert line.count("\n") == 1 and "\r" not in line and "\x1b" not in line


def test_without_properties() -> None:
    """An annotation without properties has no blank behind its level."""
    assert annotation("notice", "All is well.") == "::notice::All is well.\n"
    assert annotation("error", "100 %\nno", file="a:b,c", line=3) == "::error file=a%3Ab%2Cc,line=3::100 %25%0Ano\n"
    assert printable("a\nb") == r"a\nb" and printable_lines("a\nb\x1b") == "a\nb\\x1b"
