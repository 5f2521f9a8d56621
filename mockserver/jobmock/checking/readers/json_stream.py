"""Reads a JSON text piece by piece: the members on the way to a list, and its items one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

_CHUNK = 1 << 18
_BLANK = " \t\r\n"
_AFTER = frozenset(_BLANK + ",]}")
"""What ends a number or a word; without it, there may be more of them in the next chunk."""
_DECODER = json.JSONDecoder()


class BadJson(ValueError):
    """The text is no JSON; `offset` is about where, in characters from its beginning."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"It is no JSON, after {offset} characters.")
        self.offset = offset


class Stream:
    """A JSON text that is read forward. What was read is forgotten; at any time one value is held, and a chunk."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._text, self._at, self._before, self._ended = file, "", 0, 0, False

    def peek(self) -> str:
        """Return the next character that isn't blank, or nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self, expected: str) -> None:
        """Pass over one character. Raises BadJson where it is another."""
        if self.peek() != expected:
            raise self._bad()
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
                    raise self._bad() from None
            self._more(len(self._text) - self._at)

    def members(self) -> Iterator[str]:
        """Read an object, key by key: whoever takes a key reads its value, or passes it over with `value`."""
        self.skip("{")
        while self.peek() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise self._bad()
            self.skip(":")
            yield key
            if self.peek() != "}":
                self.skip(",")
        self.skip("}")

    def entries(self) -> Iterator[Any]:
        """Read a list, item by item."""
        self.skip("[")
        while self.peek() != "]":
            yield self.value()
            if self.peek() != "]":
                self.skip(",")
        self.skip("]")

    def _more(self, least: int = 0) -> bool:
        """Read on, twice as much each time a value is still not whole; say whether there was anything."""
        chunk = self._file.read(max(_CHUNK, least))
        self._ended = not chunk
        self._before += self._at
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def _bad(self) -> BadJson:
        return BadJson(self._before + self._at)
