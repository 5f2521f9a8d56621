"""A text of YAML that is read forward, of which a part is kept, to read it again from the next item of a list on."""

from __future__ import annotations

import re

from .json_stream import Text

_CHUNK = 1 << 16
_ITEM = re.compile(r"\n( *)-(?=[ \n])")


class KeptText:
    """A text that is read forward, of which a part is kept, to read it again."""

    def __init__(self, file: Text, header: str = "", kept: str = "") -> None:
        self._file, self._header, self._kept, self._given = file, header, kept, 0
        self.begin = len(header)
        """Where the kept text begins, as an index of a mark: in characters of the header and of the text."""

    def __len__(self) -> int:
        return len(self._kept)

    def read(self, size: int = -1, /) -> str:
        """Return the next characters: of the header, of what is kept, and then of the file."""
        if self._given < len(self._header):
            self._given = len(self._header)
            return self._header
        at = self._given - self.begin
        if at >= len(self._kept):
            self._kept += self._file.read(size)
        piece = self._kept[at : at + size]
        self._given += len(piece)
        return piece

    def keep_from(self, index: int) -> None:
        """Forget the characters before an index."""
        if index > self.begin:
            self._kept, self.begin = self._kept[index - self.begin :], index

    def until(self, index: int) -> str:
        """Return the kept characters before an index."""
        return self._kept[: max(0, index - self.begin)]

    def least_indented_item(self) -> re.Pattern[str] | None:
        """Return the pattern of the least indented items of a list in the kept text, None if there are none."""
        self._kept += self._file.read(_CHUNK)
        columns = [len(found[1]) for found in _ITEM.finditer(self._kept)]
        return item_at(min(columns)) if columns else None

    def go_to_next(self, item: re.Pattern[str]) -> bool:
        """Forget what is before the next line that begins an item; return whether there is one. Raises NoText."""
        while (found := item.search(self._kept)) is None:
            text = self._file.read(max(_CHUNK, len(self._kept)))
            if not text:
                return False
            line = self._kept.rfind("\n")
            self.keep_from(self.begin + (line if line >= 0 else len(self._kept)))
            self._kept += text
        self.keep_from(self.begin + found.start() + 1)
        return True

    def again(self, header: str) -> KeptText:
        """Return the kept text and what follows it, to be read again behind a header."""
        return KeptText(self._file, header, self._kept)


def item_at(column: int) -> re.Pattern[str]:
    """Return a pattern for a line that begins an item of a list, with the line break before it."""
    return re.compile(rf"\n {{{column}}}-(?=[ \n])")
