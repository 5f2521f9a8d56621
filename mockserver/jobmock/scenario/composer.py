"""YAML events → plain data with marks, without recursion, so that depth and expansion are bounded before they hurt.

What YAML 1.1 would read as something else than what stands there is refused with a hint.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.resolver import Resolver

from ..errors import Origin, Problem, ScenarioError

MAX_DEPTH = 64
MAX_VALUES = 100_000

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain data and where it came from."""

    data: Any
    origin: Origin


def fail(message: str, source: str, where: tuple[int, int] = (1, 1)) -> NoReturn:
    """Raise a ScenarioError with one Problem at a line and column."""
    raise ScenarioError([Problem(message=message, origin=Origin(source=source, marks={"": where}))])


def children(value: Any) -> list[Any]:
    """Return the values directly inside a mapping or a list."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


@dataclass(slots=True)
class _Open:
    """A collection that is being filled."""

    value: Any
    pointer: str
    anchor: str | None
    key: str | None = None


class Composer:
    """Builds data and marks from one document's events."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.marks: dict[str, tuple[int, int]] = {}
        self.keys: dict[str, tuple[int, int]] = {}
        self.anchors: dict[str, Any] = {}
        self.stack: list[_Open] = []
        self.resolver: Any = Resolver()
        self.root: Any = None
        self.values = 0
        self.documents = 0

    def compose(self, events: Iterator[Any]) -> Document:
        """Return the one document of the events. Raises ScenarioError at the first thing that is wrong."""
        for event in events:
            handler = getattr(self, "_on_" + type(event).__name__, None)
            if handler:
                handler(event)
        if not self.documents or "" not in self.marks:
            self._fail("The document is empty; a scenario begins with 'version: 1'.", (1, 1))
        return Document(data=self.root, origin=Origin(source=self.source, marks=self.marks, keys=self.keys))

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
            self._take_key(top, event)
            return
        value = self._scalar(event)
        self._place(value, _mark(event))
        if event.anchor:
            self.anchors[event.anchor] = value

    def _on_AliasEvent(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self._fail(f"The alias '*{event.anchor}' has no anchor before it.", _mark(event))
        value = self.anchors[event.anchor]
        self._place(value, _mark(event))
        self._count(_size(value, MAX_VALUES), _mark(event))

    def _open(self, value: Any, event: Any) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._fail("A key is plain text, not a list or a mapping.", _mark(event))
        self._check_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self._fail(f"The document is nested deeper than {MAX_DEPTH} levels.", _mark(event))
        self.stack.append(_Open(value, self._place(value, _mark(event)), event.anchor))

    def _close(self) -> None:
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = done.value

    def _place(self, value: Any, mark: tuple[int, int]) -> str:
        self._count(1, mark)
        if not self.stack:
            self.root, pointer = value, ""
        elif isinstance((top := self.stack[-1]).value, list):
            pointer = f"{top.pointer}/{len(top.value)}"
            top.value.append(value)
        else:
            if top.key is None:
                self._fail("A key is plain text, not an alias.", mark)
            pointer = f"{top.pointer}/{escape(top.key)}"
            top.value[top.key], top.key = value, None
        self.marks[pointer] = mark
        return pointer

    def _take_key(self, top: _Open, event: Any) -> None:
        key, mark = event.value, _mark(event)
        self._check_tag(event)
        if not event.style and key == "<<":
            self._fail("Merge keys ('<<') are not supported; use an anchor for a whole value.", mark)
        if key in top.value:
            self._fail(f"The key {key!r} stands twice in one mapping.", mark)
        top.key = key
        self.keys[f"{top.pointer}/{escape(key)}"] = mark

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
            return self._int(text, mark) if _INT.fullmatch(text) else self._surprise(text, "another number", mark)
        if tag == "float" or _FLOAT.fullmatch(text):
            return self._float(text, mark)
        if tag == "timestamp":
            self._surprise(text, "a date", mark)
        return text

    def _bool(self, text: str, mark: tuple[int, int]) -> bool:
        if text not in ("true", "false"):
            self._surprise(text, "true or false", mark)
        return text == "true"

    def _int(self, text: str, mark: tuple[int, int]) -> int:
        if len(text) > 20:
            self._fail("A whole number has at most 64 bits.", mark)
        return int(text)

    def _float(self, text: str, mark: tuple[int, int]) -> float:
        number = float(text) if _FLOAT.fullmatch(text) else self._surprise(text, "another number", mark)
        if not math.isfinite(number):
            self._fail(f"The number {text!r} is too large.", mark)
        return number

    def _check_tag(self, event: Any) -> None:
        if event.tag not in (None, "!"):
            self._fail(f"Tags are not allowed: {event.tag!r}.", _mark(event))

    def _count(self, values: int, mark: tuple[int, int]) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            self._fail(f"The document expands to more than {MAX_VALUES} values.", mark)

    def _surprise(self, text: str, meaning: str, mark: tuple[int, int]) -> NoReturn:
        self._fail(
            f"YAML 1.1 reads {text!r} as {meaning}. Write '{text}' in quotes for text, or plain decimal digits "
            "or true/false for the value.", mark,
        )  # fmt: skip

    def _fail(self, message: str, where: tuple[int, int]) -> NoReturn:
        fail(message, self.source, where)


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def escape(key: str) -> str:
    """Return one step of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _size(value: Any, most: int) -> int:
    total, level = 0, [value]
    while level and total <= most:
        total += len(level)
        level = [child for item in level for child in children(item)]
    return total
