"""YAML events → plain data.

It works without recursion, and limits depth and expansion while it reads. Text that YAML 1.1 would read as another
value is refused with a hint.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.resolver import Resolver

from ..errors import short_repr
from .bounds import LONG_KEY, MAX_DEPTH, MAX_KEY, MAX_VALUES
from .document import raise_problem

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NO_VALUE = object()
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class _OpenCollection:
    """A collection that is being filled."""

    value: Any
    anchor: str | None
    key: str | None = None


class Composer:
    """Builds the data of a document from the events of a YAML parser."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.anchors: dict[str, Any] = {}
        self.stack: list[_OpenCollection] = []
        self.resolver: Any = Resolver()
        self.root: Any = _NO_VALUE
        self.values = 0
        self.documents = 0

    def compose(self, events: Iterator[Any]) -> Any:
        """Return the data of the events. Raises ScenarioError at the first fault."""
        for event in events:
            handler = getattr(self, "_on_" + type(event).__name__, None)
            if handler:
                handler(event)
        if self.root is _NO_VALUE:
            self._fail("The document is empty; a scenario begins with 'version: 1'.", (1, 1))
        return self.root

    def _on_DocumentStartEvent(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._fail("A file holds one scenario; a second document begins here.", _mark(event))

    def _on_MappingStartEvent(self, event: Any) -> None:
        self._open({}, event)

    def _on_SequenceStartEvent(self, event: Any) -> None:
        self._open([], event)

    def _on_MappingEndEvent(self, event: Any) -> None:
        self._close()

    _on_SequenceEndEvent = _on_MappingEndEvent

    def _on_ScalarEvent(self, event: Any) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._add_key(top, event)
            return
        value = self._scalar(event)
        self._add_value(value, _mark(event))
        if event.anchor:
            self.anchors[event.anchor] = value

    def _on_AliasEvent(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self._fail(f"The alias {short_repr('*' + event.anchor)} has no anchor before it.", _mark(event))
        value = self.anchors[event.anchor]
        self._add_value(value, _mark(event))
        self._count(_count_values(value, MAX_VALUES), _mark(event))

    def _open(self, value: Any, event: Any) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._fail("A key is plain text, not a list or a mapping.", _mark(event))
        self._check_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self._fail(f"The document is nested deeper than {MAX_DEPTH} levels.", _mark(event))
        self._add_value(value, _mark(event))
        self.stack.append(_OpenCollection(value, event.anchor))

    def _close(self) -> None:
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = done.value

    def _add_value(self, value: Any, mark: tuple[int, int]) -> None:
        self._count(1, mark)
        if not self.stack:
            self.root = value
        elif isinstance((top := self.stack[-1]).value, list):
            top.value.append(value)
        else:
            if top.key is None:
                self._fail("A key is plain text, not an alias.", mark)
            top.value[top.key], top.key = value, None

    def _add_key(self, top: _OpenCollection, event: Any) -> None:
        key, mark = event.value, _mark(event)
        self._check_tag(event)
        if not event.style and key == "<<":
            self._fail("Merge keys ('<<') are not supported; use an anchor for a whole value.", mark)
        if key in top.value:
            self._fail(f"The key {short_repr(key)} stands twice in one mapping.", mark)
        if len(key) > MAX_KEY:
            self._fail(LONG_KEY, mark)
        top.key = key

    def _scalar(self, event: Any) -> Any:
        self._check_tag(event)
        if event.style or event.tag == "!":
            return event.value
        text, mark = event.value, _mark(event)
        tag = str(self.resolver.resolve(yaml.ScalarNode, text, (True, False))).removeprefix(_TAG)
        if tag == "bool":
            return self._bool(text, mark)
        if tag == "null":
            return None
        if tag == "int":
            return self._int(text, mark)
        if tag == "float" or _FLOAT.fullmatch(text):
            return self._float(text, mark)
        if tag == "timestamp":
            self._reject_ambiguous(text, "a date", mark)
        return text

    def _bool(self, text: str, mark: tuple[int, int]) -> bool:
        if text not in ("true", "false"):
            self._reject_ambiguous(text, "true or false", mark)
        return text == "true"

    def _int(self, text: str, mark: tuple[int, int]) -> int:
        if not _INT.fullmatch(text):
            self._reject_ambiguous(text, "another number", mark)
        if len(text) > 20:
            self._fail("A whole number has at most 64 bits.", mark)
        return int(text)

    def _float(self, text: str, mark: tuple[int, int]) -> float:
        number = float(text) if _FLOAT.fullmatch(text) else self._reject_ambiguous(text, "another number", mark)
        if not math.isfinite(number):
            self._fail(f"The number {short_repr(text)} is too large.", mark)
        return number

    def _check_tag(self, event: Any) -> None:
        if event.tag not in (None, "!"):
            self._fail(f"Tags are not allowed: {short_repr(event.tag)}.", _mark(event))

    def _count(self, values: int, mark: tuple[int, int]) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            self._fail(f"The document expands to more than {MAX_VALUES} values.", mark)

    def _reject_ambiguous(self, text: str, meaning: str, mark: tuple[int, int]) -> NoReturn:
        shown = short_repr(text)
        self._fail(
            f"YAML 1.1 reads {shown} as {meaning}. Write {shown} in quotes for text, or plain decimal digits "
            "or true/false for the value.", mark,
        )  # fmt: skip

    def _fail(self, message: str, where: tuple[int, int]) -> NoReturn:
        raise_problem(message, self.source, where)


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _count_values(value: Any, most: int) -> int:
    """Return the number of values in a value, itself included; counting stops above `most`."""
    total, level = 0, [value]
    while level and total <= most:
        total += len(level)
        level = [inner for item in level for inner in _inner_values(item)]
    return total


def _inner_values(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
