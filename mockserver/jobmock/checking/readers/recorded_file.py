"""A recorded file as bytes or text: without its compression, in whatever encoding of Unicode it is written."""

from __future__ import annotations

import io
import re
from codecs import EncodedFile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import detect_encoding
from pathlib import Path
from typing import IO, Any, cast

from .compression import decompressor
from .named_files import RemoteFile

NO_TEXT = 1024
"""So many zero bytes in a row are in no text, but a sparse file has gigabytes of them."""
_ZEROS = "\0" * NO_TEXT
_BEGINNING, _MAGIC = 512, 6
_BUFFER = 1 << 18
_UTF_8, _FEWEST_ZEROS = "utf-8-sig", 4
"""At least a fourth of the bytes of JSON or YAML are zero in other encodings."""
_CHARACTERS = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML allows in no text."""


class NoText(Exception):
    """Raised at many zero bytes. `offset` is their place."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"many zero bytes after {offset} characters")
        self.offset = offset


class RecordedFile:
    """A file, or a member of an archive. `name` is what reports call it."""

    def __init__(self, name: str, opened: Callable[[], Any], attached: Callable[[str], bytes | None]) -> None:
        self.name, self._open, self.attached = name, opened, attached
        """`attached` returns a file that this one names, such as a body beside a HAR file; None if it isn't there."""
        self._first: bytes | None = None
        self._begin: bytes | None = None

    @contextmanager
    def open_bytes(self) -> Iterator[Any]:
        """Open the file, and yield its bytes without their compression."""
        with self._open() as raw:
            decompress = decompressor(self._compressed_begin())
            if decompress is None:
                yield raw
            else:
                with decompress(raw) as plain:
                    yield plain

    @contextmanager
    def open_lines(self) -> Iterator[IO[bytes]]:
        """Open the file, and yield its bytes as UTF-8."""
        encoding = self.encoding()
        with self.open_bytes() as raw:
            yield raw if encoding == _UTF_8 else cast("IO[bytes]", EncodedFile(raw, "utf-8", encoding, "replace"))

    @contextmanager
    def open_text(self, *, for_yaml: bool = False) -> Iterator[RecordedText]:
        """Open the file, and yield its text. Bytes that are no text become U+FFFD."""
        encoding = self.encoding()
        with self.open_bytes() as raw:
            text = io.TextIOWrapper(cast("Any", raw), encoding, errors="replace")
            try:
                yield RecordedText(text, for_yaml=for_yaml)
            finally:
                text.detach()

    def beginning(self) -> bytes:
        """Return the first bytes without their compression."""
        if self._begin is None:
            with self.open_bytes() as raw:
                self._begin = raw.read(_BEGINNING)
        return self._begin

    def encoding(self) -> str:
        """Return the encoding of the text, by its first bytes; if it isn't UTF-8, many bytes are zero."""
        begin = self.beginning()
        return detect_encoding(begin[:4]) if begin.count(0) * _FEWEST_ZEROS > len(begin) else _UTF_8

    def _compressed_begin(self) -> bytes:
        if self._first is None:
            with self._open() as raw:
                self._first = raw.read(_MAGIC)
        return self._first


class RecordedText:
    """A text that is read forward. It ends with NoText where only zero bytes follow."""

    def __init__(self, file: IO[str], *, for_yaml: bool = False) -> None:
        self._file, self._for_yaml, self._before, self._ends_at = file, for_yaml, 0, -1

    def read(self, size: int = -1, /) -> str:
        """Return the next characters, at most so many; empty at the end. Raises NoText."""
        if self._ends_at >= 0:
            raise NoText(self._ends_at)
        text = self._file.read(size)
        if "\0" in text and (begin := text.find(_ZEROS)) >= 0:
            self._ends_at = self._before + begin
            text = text[:begin]
            if not text:
                raise NoText(self._ends_at)
        self._before += len(text)
        return _CHARACTERS.sub("\ufffd", text) if self._for_yaml else text


def of_path(path: Path | RemoteFile) -> RecordedFile:
    """Return a file on disk, or at an address. What it names is looked for in its own folder."""

    def attached(name: str) -> bytes | None:
        if Path(name).name != name:
            return None
        beside = path.beside(name) if isinstance(path, RemoteFile) else path.parent / name
        try:
            with opened(beside) as file:
                return file.read()
        except OSError:
            return None

    return RecordedFile(str(path), lambda: opened(path), attached)


def opened(path: Path | RemoteFile, *, seekable: bool = False) -> IO[bytes]:
    """Open a file on disk, or at an address. Raises OSError."""
    return path.open(seekable=seekable) if isinstance(path, RemoteFile) else path.open("rb", _BUFFER)
