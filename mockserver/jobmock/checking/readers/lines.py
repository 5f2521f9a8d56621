"""JSON Lines of exchanges, as `jobmock.live.to_line` writes them."""

from __future__ import annotations

import logging
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import IO, Any

import orjson

from ..exchange import WRONG_FORM, LiveExchange, OddEntry, Source, from_row
from ..json_bodies import loads
from .recorded_file import NO_TEXT, NoText, RecordedFile

MAX_LINE = 64 << 20
MEMBERS = frozenset(("at", "method", "path", "query", "sent", "headers", "body", "arrived"))
"""The members of an exchange by which a line is recognised."""
_PIECE = 1 << 18
_BEGINNING = re.compile(rb'\{"at":[-+0-9.eE]+,"method":"([A-Za-z]+)","path":"([!#-\[\]-~]*)","')
_ZEROS = bytes(NO_TEXT)
_log = logging.getLogger("jobmock")


def entries(file: RecordedFile) -> Iterator[tuple[Any, Source]]:
    """Yield each line with its place, and an OddEntry in place of one that is too long. Blank lines are skipped.

    An incomplete last line, which a killed writer left, is skipped with a warning in the log. Raises NoText.
    """
    with file.open_lines() as raw:
        number = 0
        for line in _lines(raw):
            number += 1
            if isinstance(line, OddEntry):
                yield line, Source(file.name, line=number)
                continue
            row = line.removeprefix(BOM_UTF8)
            if number > 1 and _is_incomplete(row):
                _log.warning("%s:%d is an incomplete last line; it is skipped.", file.name, number)
            elif row.strip():
                yield row, Source(file.name, line=number)


def exchange(line: bytes, source: Source, file: RecordedFile) -> LiveExchange:
    """Return the exchange of a line. Raises one of WRONG_FORM."""
    row = loads(line)
    if not isinstance(row, dict):
        raise OddEntry("it is no object")
    return from_row(row, source)


def request_of(line: bytes | OddEntry) -> tuple[str, str]:
    """Return the method and the path of a line; both are empty if it has none. Lines of jobmock begin with them."""
    if isinstance(line, OddEntry):
        return "", ""
    if found := _BEGINNING.match(line):
        return found[1].decode("latin-1"), found[2].decode("latin-1")
    try:
        row = loads(line)
        method, path = row["method"], row["path"]
    except WRONG_FORM:
        return "", ""
    return (method, path) if isinstance(method, str) and isinstance(path, str) else ("", "")


def _lines(file: IO[bytes]) -> Iterator[bytes | OddEntry]:
    """Yield the lines. Raises NoText."""
    before = 0
    while line := _piece(file, before):
        pieces, length = [line], len(line)
        while not line.endswith(b"\n") and length <= MAX_LINE and (line := _piece(file, before + length)):
            pieces.append(line)
            length += len(line)
        before += length
        if length <= MAX_LINE:
            yield b"".join(pieces)
            continue
        yield OddEntry(f"it is a line of more than {MAX_LINE} bytes")
        while line and not line.endswith(b"\n"):
            line = _piece(file, before)


def _piece(file: IO[bytes], before: int) -> bytes:
    """Return the next line or a part of it. Raises NoText."""
    piece = file.readline(_PIECE)
    if b"\0" in piece and _ZEROS in piece:
        raise NoText(before + piece.index(_ZEROS))
    return piece


def _is_incomplete(line: bytes) -> bool:
    """Return whether a line is only the beginning of one: it has no line break, and is no JSON."""
    if line[:1] != b"{" or line.endswith(b"\n"):
        return False
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return True
    return False
