"""Values that are kept back, because they could be somebody's data, and the placeholders for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEFT_OUT = "(left out)"
"""The text in place of a text that is kept back."""
_PLACEHOLDERS: Mapping[str, Any] = {"text": LEFT_OUT, "number": 0, "fraction": 0.5}
_JSON_PLACEHOLDERS: Mapping[str, str] = {
    "text": f'"{LEFT_OUT}"', "number": "0", "fraction": "0.5", "empty": "", "True": "true", "False": "false",
    "None": "null",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HiddenValue:
    """A value that is kept back: a `text`, a `number`, a `fraction`, or a list of `count` `rows`."""

    kind: str
    count: int = 0


def kind_of(value: Any) -> str:
    """Return the kind of a value: `text`, `number`, `fraction`, `rows`, `object`, `True`, `False` or `None`."""
    if isinstance(value, HiddenValue):
        return value.kind
    if isinstance(value, bool) or value is None:
        return str(value)
    kinds = {str: "text", int: "number", float: "number", list: "rows"}
    return kinds.get(type(value), "object")


def fill_hidden(value: Any, substitute: Any = None) -> Any:
    """Return a copy without hidden values: each becomes the substitute's value at its place, or a placeholder."""
    if isinstance(value, HiddenValue):
        if value.kind == "rows":  # a new list, because a caller may change it
            return substitute[: value.count] if isinstance(substitute, list) else []
        usable = not isinstance(substitute, HiddenValue) and kind_of(substitute) == value.kind
        return substitute if usable else _PLACEHOLDERS[value.kind]
    if isinstance(value, Mapping):
        members = substitute if isinstance(substitute, Mapping) else {}
        return {key: fill_hidden(inner, members.get(key)) for key, inner in value.items()}
    return [fill_hidden(item) for item in value] if isinstance(value, list) else value


def placeholder_body(outline: Any) -> str:
    """Return a body in place of one that is kept back: JSON of the same kind, or a text if it was no JSON."""
    if isinstance(outline, (Mapping, list)):
        return "{}" if isinstance(outline, Mapping) else "[]"
    return LEFT_OUT if outline is None else _JSON_PLACEHOLDERS[outline]
