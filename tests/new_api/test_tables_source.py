"""Facts are written into the source of tables: values as code, and guesses as marked comments."""

from __future__ import annotations

import ast
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobmock.new_api.model import Fact
from jobmock.new_api.tables_source import with_facts, written_value

SOURCE = '"""Tables."""\n\n# What A is.\n# GAP: A is an example.\nA = (\n    1,\n)\n\n# What B is.\nB = {}\n'
VALUES = st.recursive(
    st.text() | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner),
    max_leaves=20,
)


def test_marks_follow_the_facts() -> None:
    """What the document says has no mark, what is guessed has its own, and each comment stays above its value."""
    written = with_facts(SOURCE, {"A": Fact(("x",)), "B": Fact({1: "y"}, "B is guessed.")}, "GAP:")
    assert written == (
        '"""Tables."""\n\n# What A is.\nA = ("x",)\n\n# What B is.\n# GAP: B is guessed.\nB = {1: "y"}\n'
    )


def test_no_text_of_a_document_becomes_code() -> None:
    """A line break or a quotation mark in a text of a document ends neither a comment nor a value."""
    evil = 'a\n"""\nraise SystemExit\u2028raise SystemExit\\'
    written = with_facts(SOURCE, {"A": Fact(evil, evil), "B": Fact({evil: evil}, evil)}, "GAP:")
    docstring, *rows = ast.parse(written).body
    assert [type(row) for row in rows] == [ast.Assign, ast.Assign] and isinstance(docstring, ast.Expr)
    assert [ast.literal_eval(row.value) for row in rows if isinstance(row, ast.Assign)] == [evil, {evil: evil}]


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_values_are_read_back(value: Any) -> None:
    """Python reads each written value as the same one, and a long one has a line for each item."""
    text = written_value(value)
    assert ast.literal_eval(text) == value
