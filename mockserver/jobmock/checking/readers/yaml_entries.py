"""The entries of a list in YAML. Behind a broken entry, reading goes on at the next line that begins an item."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from io import StringIO
from typing import Any

import yaml

from ..exchange import WRONG_FORM, OddEntry, reason_without_values
from .json_stream import TOO_BROKEN, Text
from .kept_text import KeptText, item_at
from .yaml_stream import ENDED, YamlStream

BROKEN = (*WRONG_FORM, yaml.YAMLError)
"""What is raised where a text is no YAML, or its values haven't the form that they should have."""
_HEADER = "entries:\n"
"""What is before an item that is read again, if its list is a member."""
_EVENTS_BEHIND = 1_000
"""How much of a file is read behind the end of its list."""
_PATIENCE = 16 << 20
"""How many characters are read again to find the entries behind broken ones."""


class YamlEntries:
    """Iterates over the entries, with an OddEntry in place of one that can't be read.

    Raises OddEntry if there is no list of entries, and NoText.
    """

    def __init__(self, file: Text, lists: Collection[str], is_entry: Callable[[Any], bool]) -> None:
        self._lists, self._is_entry, self._text = lists, is_entry, KeptText(file)
        self._stream = YamlStream(self._text)
        self._ended = self._is_complete = False
        """Whether the list has ended, and whether the last entry is complete: a damaged line may look like its end."""
        self._damaged: int | None = None
        """Where something is broken that wasn't counted yet: the next item, or something before it."""

    def __iter__(self) -> Iterator[Any]:
        try:
            header, item = self._go_to_list()
        except BROKEN as error:
            header, item = _HEADER, self._text.least_indented_item()
            if item is None:
                raise OddEntry(_reason_with_line(error)) from None
            self._ended = True
            yield OddEntry(_reason_with_line(error))
        else:
            yield from self._items(at_item=True)
            if not self._is_complete and not self._ended:  # the first item may be at another column than the others
                item = self._text.least_indented_item() or item
                self._ended = True
        patience = _PATIENCE
        while item is not None and patience >= 0:
            found = self._text.go_to_next(item)
            if self._damaged is not None and (not found or self._damaged < self._text.begin):
                yield OddEntry("it is no YAML")
            if not found:
                return
            patience -= len(self._text)
            self._begin_again(header)
            yield from self._items(at_item=True)
        if item is not None:
            yield OddEntry(TOO_BROKEN)

    def _go_to_list(self) -> tuple[str, re.Pattern[str] | None]:
        """Go to the first item. Return what must be before an item that is read alone, and how its line begins.

        A list in brackets has no such lines. Raises one of BROKEN.
        """
        stream, header = self._stream, ""
        stream.get_event()
        if not stream.check_event(yaml.StreamEndEvent):
            stream.get_event()
        if stream.check_event(yaml.MappingStartEvent):
            header = _HEADER
            self._go_to_member()
        elif not stream.check_event(yaml.SequenceStartEvent):
            raise OddEntry(ENDED)
        if not stream.check_event(yaml.SequenceStartEvent):
            raise OddEntry("its interactions are no list")
        begin: Any = stream.get_event()
        self._text.keep_from(begin.start_mark.index)
        column = begin.start_mark.column
        return header, None if begin.flow_style else item_at(column)

    def _go_to_member(self) -> None:
        stream = self._stream
        stream.get_event()
        while stream.check_event(yaml.NodeEvent):
            if stream.value() in self._lists:
                return
            stream.value()
        raise OddEntry(f"it has none of {', '.join(self._lists)}")

    def _items(self, *, at_item: bool) -> Iterator[Any]:
        """Yield items to the end of the list, or to the first that can't be read.

        `at_item` says that the kept text begins with an item that wasn't yielded.
        """
        first: Any = None
        while True:
            try:
                if self._stream.check_event(yaml.SequenceEndEvent):
                    break
                first = self._stream.peek_event()
                self._text.keep_from(first.start_mark.index)
                at_item = True
                node = self._stream.node()
            except BROKEN as error:
                mark: Any = getattr(error, "problem_mark", None)
                self._damaged = mark.index - mark.column if mark and not at_item else None
                if at_item and not self._ended:
                    yield from self._before(error, first)
                    yield odd_entry(error)
                return
            yield from self._entries(node)
            at_item = False
        if not self._ended and self._is_complete and (behind := self._error_behind()):
            yield odd_entry(behind)
            self._is_complete = False
        self._ended = True

    def _entries(self, node: Any) -> Iterator[Any]:
        """Yield the entry of a node. If a damaged line has put another one into it, that is an OddEntry."""
        names = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        second = names.index("request", names.index("request") + 1) if names.count("request") > 1 else None
        if second is not None:
            node.value = node.value[:second]
        try:
            entry = self._stream.construct(node)
        except BROKEN as error:
            entry = odd_entry(error)
        if self._ended and not self._is_entry(entry):
            return
        if self._ended and self._is_complete:
            yield OddEntry("it has no beginning")
        self._ended, self._is_complete = False, isinstance(entry, dict) and {"request", "response"} <= entry.keys()
        yield entry
        if second is not None:
            yield OddEntry("it has no beginning")

    def _error_behind(self) -> Exception | None:
        """Return what is wrong behind the end of the list, None if there is nothing: it may be a damaged entry."""
        try:
            for _ in range(_EVENTS_BEHIND):
                if self._stream.check_event(yaml.DocumentEndEvent):
                    break
                self._stream.get_event()
        except BROKEN as error:
            return error
        return None

    def _before(self, error: Exception, first: Any) -> Iterator[Any]:
        """Yield an entry that is whole before the line with an error: a damaged one may be joined to it."""
        marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
        for mark in marks if first else ():
            if mark is None:
                continue
            text = " " * first.start_mark.column + self._text.until(mark.index - mark.column)
            entry = _alone(text)
            if isinstance(entry, dict) and {"request", "response"} <= entry.keys():
                yield entry
                return

    def _begin_again(self, header: str) -> None:
        """Read again from the beginning of the kept text, which is an item."""
        before, self._text, self._damaged = self._stream, self._text.again(header), None
        self._stream = YamlStream(self._text)
        self._stream.continue_from(before)
        while not isinstance(self._stream.get_event(), yaml.SequenceStartEvent):
            pass


def _alone(text: str) -> Any:
    """Return the value of a text that is read by itself, None if it is no YAML."""
    stream = YamlStream(StringIO(text))
    with suppress(*BROKEN):
        stream.get_event()
        stream.get_event()
        return stream.value()
    return None


def _reason_with_line(error: Exception) -> str:
    mark: Any = getattr(error, "problem_mark", None)
    return f"{odd_entry(error)}{f' from line {mark.line + 1} on' if mark else ''}"


def odd_entry(error: Exception) -> OddEntry:
    """Return an error as an OddEntry, in words."""
    return OddEntry("it is no YAML" if isinstance(error, yaml.YAMLError) else reason_without_values(error))
