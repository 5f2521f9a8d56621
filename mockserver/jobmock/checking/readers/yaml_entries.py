"""The entries of a list in YAML. Behind a broken entry, reading goes on at the next line that begins an item."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import yaml

from ..exchange import WRONG_FORM, OddEntry, reason_without_values
from .json_stream import TOO_BROKEN, Text
from .yaml_stream import ENDED, YamlStream

BROKEN = (*WRONG_FORM, yaml.YAMLError)
"""What is raised where a text is no YAML, or its values haven't the form that they should have."""
_CHUNK = 1 << 16
_PATIENCE = 16 << 20
"""How many characters are read again to find the entries behind broken ones."""


class _KeptText:
    """A text that is read forward, of which a part is kept, to read it again."""

    def __init__(self, file: Text, header: str = "", kept: str = "") -> None:
        self._file, self._header, self._kept, self._given = file, header, kept, 0
        self._begin = len(header)
        """Where the kept text begins, in characters that were given out."""

    def read(self, size: int = -1, /) -> str:
        """Return the next characters: of the header, of what is kept, and then of the file."""
        if self._given < len(self._header):
            self._given = len(self._header)
            return self._header
        at = self._given - self._begin
        if at >= len(self._kept):
            self._kept += self._file.read(size)
        piece = self._kept[at : at + size]
        self._given += len(piece)
        return piece

    def keep_from(self, index: int) -> None:
        """Forget the characters before an index."""
        if index > self._begin:
            self._kept, self._begin = self._kept[index - self._begin :], index

    def from_next(self, item: re.Pattern[str]) -> str | None:
        """Return the kept text from the next line that begins an item; None if there is none. Raises NoText."""
        while (found := item.search(self._kept)) is None:
            text = self._file.read(max(_CHUNK, len(self._kept)))
            if not text:
                return None
            line = self._kept.rfind("\n")
            self._kept = (self._kept[line:] if line >= 0 else "") + text
        return self._kept[found.start() + 1 :]


class YamlEntries:
    """Iterates over the entries, with an OddEntry in place of one that can't be read.

    Raises OddEntry if there is no list of entries, and NoText.
    """

    def __init__(self, file: Text, lists: Collection[str], is_entry: Callable[[Any], bool]) -> None:
        self._file, self._lists, self._is_entry = file, lists, is_entry
        self._text = _KeptText(file)
        self._stream = YamlStream(self._text)
        self._ended = self._is_complete = False
        """Whether the list has ended, and whether the last entry is complete: a damaged line may look like its end."""

    def __iter__(self) -> Iterator[Any]:
        try:
            header, item = self._go_to_list()
        except yaml.YAMLError as error:
            mark: Any = getattr(error, "problem_mark", None)
            raise OddEntry(f"it is no YAML{f' from line {mark.line + 1} on' if mark else ''}") from None
        yield from self._items(at_item=True)
        patience = _PATIENCE
        while item is not None and (rest := self._text.from_next(item)) is not None:
            if patience < 0:
                yield OddEntry(TOO_BROKEN)
                return
            patience -= len(rest)
            self._begin_again(header, rest)
            yield from self._items(at_item=True)

    def _go_to_list(self) -> tuple[str, re.Pattern[str] | None]:
        """Go to the first item. Return what must be before an item that is read alone, and how its line begins.

        A list in brackets has no such lines. Raises one of BROKEN.
        """
        stream, header = self._stream, ""
        stream.get_event()
        if not stream.check_event(yaml.StreamEndEvent):
            stream.get_event()
        if stream.check_event(yaml.MappingStartEvent):
            header = "entries:\n"
            self._go_to_member()
        elif not stream.check_event(yaml.SequenceStartEvent):
            raise OddEntry(ENDED)
        if not stream.check_event(yaml.SequenceStartEvent):
            raise OddEntry("its interactions are no list")
        begin: Any = stream.get_event()
        self._text.keep_from(begin.start_mark.index)
        column = begin.start_mark.column
        return header, None if begin.flow_style else re.compile(rf"\n {{{column}}}-(?=[ \n])")

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
        while True:
            try:
                if self._stream.check_event(yaml.SequenceEndEvent):
                    self._ended = True
                    return
                first: Any = self._stream.peek_event()
                self._text.keep_from(first.start_mark.index)
                at_item = True
                node = self._stream.node()
            except BROKEN as error:
                if at_item and not self._ended:
                    yield odd_entry(error)
                return
            yield from self._entries(node)
            at_item = False

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

    def _begin_again(self, header: str, rest: str) -> None:
        """Read again from the beginning of an item."""
        before, self._text = self._stream, _KeptText(self._file, header, rest)
        self._stream = YamlStream(self._text)
        self._stream.continue_from(before)
        while not isinstance(self._stream.get_event(), yaml.SequenceStartEvent):
            pass


def odd_entry(error: Exception) -> OddEntry:
    """Return an error as an OddEntry, in words."""
    return OddEntry("it is no YAML" if isinstance(error, yaml.YAMLError) else reason_without_values(error))
