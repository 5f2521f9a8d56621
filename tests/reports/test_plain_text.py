"""Columns and texts of reports."""

from __future__ import annotations

from jobmock.reports.plain_text import columns, valid_unicode


def test_columns() -> None:
    """The cells of a column begin at the same place, and no line ends with blanks."""
    assert columns([("A", "Long heading"), ("wide cell", "x")]) == "A          Long heading\nwide cell  x\n"


def test_valid_unicode() -> None:
    """Bytes of a file's name that aren't UTF-8 are escaped."""
    assert valid_unicode("a\udcff.har ä") == "a\\udcff.har ä"
