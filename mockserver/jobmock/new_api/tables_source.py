"""Writes facts into the source of `tables.py`: each takes the place of the template's value, below its comment."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import printable
from .model import Fact

_LONGEST = 110
_BRACKETS: dict[type, tuple[str, str]] = {dict: ("{", "}"), list: ("[", "]"), tuple: ("(", ")")}


def with_facts(source: str, facts: Mapping[str, Fact], mark: str) -> str:
    """Return the source with these facts. A comment with the mark says what is guessed; the template's marks go."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            fact, begin = facts[node.targets[0].id], node.lineno - 1
            while lines[begin - 1].startswith(f"# {mark}"):
                begin -= 1
            gap = [f"# {mark} {printable(fact.gap)}"] if fact.gap else []
            written = f"{node.targets[0].id} = {written_value(fact.value)}"
            lines[begin : node.end_lineno] = [*gap, *written.splitlines()]
    return "\n".join(lines) + "\n"


def written_value(value: Any, indent: int = 0) -> str:
    """Return a value as Python code. A long collection has a line for each item."""
    kind = type(value)
    if kind not in _BRACKETS or not value or len(short := _in_one_line(value)) + indent < _LONGEST:
        return short if kind in _BRACKETS and value else _scalar(value)
    opening, closing = _BRACKETS[kind]
    inner = " " * (indent + 4)
    lines = "".join(f"{inner}{key}{written_value(item, indent + 4)},\n" for key, item in _items(value))
    return f"{opening}\n{lines}{' ' * indent}{closing}"


def _in_one_line(value: Any) -> str:
    if type(value) not in _BRACKETS:
        return _scalar(value)
    opening, closing = _BRACKETS[type(value)]
    comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return opening + ", ".join(f"{key}{_in_one_line(item)}" for key, item in _items(value)) + comma + closing


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the items of a collection, each with what is written before it."""
    if isinstance(value, dict):
        yield from ((f"{_scalar(key)}: ", item) for key, item in value.items())
    else:
        yield from (("", item) for item in value)


def _scalar(value: Any) -> str:
    """Return a text with double quotes, and anything else as Python writes it."""
    if not isinstance(value, str):
        return repr(value)
    return '"' + "".join(f"\\{sign}" if sign in '"\\' else printable(sign) for sign in value) + '"'
