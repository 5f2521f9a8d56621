"""Reads a JSON text as a stream: the members of an object or the items of a list, one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ..exchange import OddEntry

MAX_VALUE = 64 << 20
"""How many characters one value may have. One value at a time is in memory."""
_CHUNK = 1 << 18
_BLANK = " \t\r\n"
_AFTER = frozenset(_BLANK + ",]}")
"""What ends a number or a word. Without it, the next chunk may have more of it."""
_DECODER = json.JSONDecoder()
_UNCERTAIN = 20
"""An error so near to the end of the text that was read may be gone once more is read."""
_PATIENCE = 16 << 20
"""How many characters are read again to find the entries behind broken ones."""
TOO_BROKEN = "so much before it is broken that nothing behind it is read"
_LEAST, _DEEP = 200, 100_000
"""How many characters a vain attempt counts for at least, and one that ends because a value is nested too deeply."""
_UNTERMINATED = "Unterminated string"


class Text(Protocol):
    """A file of text."""

    def read(self, size: int = -1, /) -> str:
        """Return the next characters, at most so many; empty at the end."""


class BadJson(OddEntry):
    """Raised when the text is no JSON. `offset` is roughly where, and `read` how many characters were read in vain."""

    def __init__(self, reason: str, offset: int, read: int = 0) -> None:
        super().__init__(reason)
        self.offset, self.read = offset, read


class JsonStream:
    """A JSON text that is read forward. It holds only one value and one chunk at a time."""

    def __init__(self, file: Text) -> None:
        self._file, self._text, self._at, self._before, self._ended = file, "", 0, 0, False
        self._patience = _PATIENCE

    def peek(self) -> str:
        """Return the next character that isn't blank, empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def value(self) -> Any:
        """Read one value. Raises BadJson."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                if self._ended or self._text[end - 1] in '"]}' or self._text[end : end + 1] in _AFTER:
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                if self._ended or self._is_certain(error):
                    raise self._error(error.pos, read=self._read_in_vain(error)) from None
            except ValueError:  # a number that is too long
                raise self._error() from None
            except RecursionError:
                raise BadJson("it is nested too deeply", self._before + self._at, _DEEP) from None
            if (length := len(self._text) - self._at) > MAX_VALUE:
                raise BadJson(f"a value in it has more than {MAX_VALUE} characters", self._before + self._at, length)
            self._read_more(length)

    def members(self) -> Iterator[str]:
        """Yield the keys of an object. After each key, the caller must read its value. Raises BadJson."""
        self._skip("{")
        while self.peek() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise self._error()
            self._skip(":")
            yield key
            if self.peek() != "}":
                self._skip(",")
        self._skip("}")

    def items(self) -> Iterator[Any]:
        """Yield the items of a list. Raises BadJson, also where what follows an item isn't another one."""
        self._skip("[")
        while self.peek() != "]":
            yield from self._followed(self.value())
        self._skip("]")

    def entries(
        self, walk: Iterator[Any], is_entry: Callable[[Any], bool], mark: str = "{",
        resume: Callable[[Any], Iterator[Any]] | None = None,
    ) -> Iterator[Any]:  # fmt: skip
        """Yield what `walk` yields, and where the text is broken, a BadJson and then the entries that follow.

        An entry begins with the last character of `mark`. `resume` yields an entry that was found, and those behind it.
        """
        while True:
            try:
                yield from walk
                return
            except BadJson as error:
                yield error
            entry = self._next_entry(is_entry, mark)
            if entry is None:
                if self._patience <= 0:
                    yield BadJson(TOO_BROKEN, self._before + self._at)
                return
            walk = (resume or self._rest_of_list)(entry)

    def _rest_of_list(self, entry: Any) -> Iterator[Any]:
        """Yield an item of a list, and the items behind it."""
        yield from self._followed(entry)
        while self.peek() not in ("", "]"):
            yield from self._followed(self.value())

    def _followed(self, item: Any) -> Iterator[Any]:
        """Yield an item of a list if nothing strange follows. Raises BadJson."""
        following = self.peek()
        if following in ("", ",", "]"):
            yield item
        if self.peek() != "]":
            self._skip(",")

    def _next_entry(self, is_entry: Callable[[Any], bool], mark: str) -> Any:
        """Return the next entry behind something broken, None if there is none, or if it takes too long to find."""
        while self._patience > 0 and self._find(mark):
            try:
                value = self.value()
            except BadJson as error:
                self._patience -= max(error.read, _LEAST)
                self._at += 1
            else:
                if is_entry(value):
                    return value
        return None

    def _find(self, mark: str) -> bool:
        """Go to where the text next has `mark`, at the last character of it; return whether there is one."""
        while (found := self._text.find(mark, self._at)) < 0:
            self._at = max(self._at, len(self._text) - len(mark) + 1)
            if not self._read_more():
                return False
        self._at = found + len(mark) - 1
        return True

    def _is_certain(self, error: json.JSONDecodeError) -> bool:
        """Return whether an error stays one however the text goes on."""
        return error.pos < len(self._text) - _UNCERTAIN and not error.msg.startswith(_UNTERMINATED)

    def _skip(self, expected: str) -> None:
        """Skip one character. Raises BadJson if it is another."""
        if self.peek() != expected:
            raise self._error()
        self._at += 1

    def _read_more(self, least: int = 0) -> bool:
        """Read the next chunk, at least `least` characters; return whether there was any text."""
        chunk = self._file.read(max(_CHUNK, least))
        self._ended = not chunk
        self._before += self._at
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def _read_in_vain(self, error: json.JSONDecodeError) -> int:
        end = len(self._text) if error.msg.startswith(_UNTERMINATED) else error.pos
        return end - self._at

    def _error(self, at: int | None = None, read: int = 0) -> BadJson:
        at = self._at if at is None else at
        is_cut = self._ended and at >= len(self._text)
        return BadJson("the file ends in the middle of it" if is_cut else "it is no JSON", self._before + at, read)
