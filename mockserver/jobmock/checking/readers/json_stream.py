"""Reads a JSON text as a stream: the members of an object or the items of a list, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

MAX_VALUE = 64 << 20
"""How many characters one value may have. One value at a time is in memory."""
_CHUNK = 1 << 18
_BLANK = " \t\r\n"
_AFTER = frozenset(_BLANK + ",]}")
"""What ends a number or a word. Without it, the next chunk may have more of it."""
_DECODER = json.JSONDecoder()


class BadJson(ValueError):
    """Raised when the text is no JSON. `offset` is roughly where, in characters from its beginning."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"It is no JSON, after {offset} characters.")


class NoText(ValueError):
    """Raised at a zero byte, which no text has, but a sparse file has gigabytes of them. `offset` is its place."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"It has a zero byte after {offset} characters")
        self.offset = offset


class JsonStream:
    """A JSON text that is read forward. It holds only one value and one chunk at a time."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._text, self._at, self._before, self._ended = file, "", 0, 0, False

    def peek(self) -> str:
        """Return the next character that isn't blank, empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def _skip(self, expected: str) -> None:
        """Skip one character. Raises BadJson if it is another."""
        if self.peek() != expected:
            raise self._error()
        self._at += 1

    def value(self) -> Any:
        """Read one value. Raises BadJson."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                if self._ended or self._text[end - 1] in '"]}' or self._text[end : end + 1] in _AFTER:
                    self._at = end
                    return value
            except ValueError:
                if self._ended:
                    raise self._error() from None
            if len(self._text) - self._at > MAX_VALUE:
                raise ValueError(f"A value has more than {MAX_VALUE} characters")
            self._read_more(len(self._text) - self._at)

    def members(self) -> Iterator[str]:
        """Yield the keys of an object. After each key, the caller must read its value."""
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
        """Yield the items of a list."""
        self._skip("[")
        while self.peek() != "]":
            yield self.value()
            if self.peek() != "]":
                self._skip(",")
        self._skip("]")

    def _read_more(self, least: int = 0) -> bool:
        """Read the next chunk, at least `least` characters; return whether there was any text."""
        chunk = self._file.read(max(_CHUNK, least))
        if "\0" in chunk:
            raise NoText(self._before + len(self._text) + chunk.index("\0"))
        self._ended = not chunk
        self._before += self._at
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def _error(self) -> BadJson:
        return BadJson(self._before + self._at)
