"""A JSON text is read as a stream, like a parser reads it at once."""

from __future__ import annotations

import json

import pytest

from jobmock.checking.readers import json_stream
from jobmock.checking.readers.json_stream import JsonStream


class SmallPieces:
    """A file whose text is read in small pieces."""

    def __init__(self, text: str, size: int) -> None:
        self._text, self._size, self._at = text, size, 0

    def read(self, size: int) -> str:
        self._at += self._size
        return self._text[self._at - self._size : self._at]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_items_in_small_pieces(size: int) -> None:
    """Items are read completely, even if a piece of the text ends in a number, an escape or a word."""
    items = [1, -12.5e3, "a\\\"b\n\u00e4\U0001f600", True, None, [], {}, {"a": [1, {"b": "]"}]}, 12345678901234567890]
    for text in (json.dumps(items), json.dumps(items, indent=1, ensure_ascii=False)):
        assert list(JsonStream(SmallPieces(text, size)).items()) == items  # type: ignore[arg-type]


def test_a_value_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that never ends is refused before the whole file is in memory."""
    monkeypatch.setattr(json_stream, "MAX_VALUE", 1_000)
    text = SmallPieces('["' + "x" * 1_000_000, 100)
    with pytest.raises(ValueError, match="more than 1000 characters"):
        list(JsonStream(text).items())  # type: ignore[arg-type]
    assert text._at < 3_000
