"""JSON Lines of exchanges, as `jobmock.live.to_line` writes them."""

from __future__ import annotations

import logging
from codecs import BOM_UTF8
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import IO

import orjson

from ...errors import UsageError
from ..exchange import LiveExchange, Source, from_line
from .json_stream import NoText

MAX_LINE = 64 << 20
_PIECE = 1 << 18
_log = logging.getLogger("jobmock")


def exchanges(path: Path) -> Generator[LiveExchange, None, None]:
    """Yield the exchange of each line. Byte order marks and blank lines are skipped.

    An incomplete last line, which a killed writer left, is skipped with a warning in the log. Raises UsageError, which
    names file and line.
    """
    with path.open("rb") as file:
        for number, line in enumerate(iter(partial(_line, file), b""), 1):
            if len(line) > MAX_LINE:
                raise UsageError(f"{path}:{number} is a line of more than {MAX_LINE} bytes.")
            row = line.removeprefix(BOM_UTF8)
            if number > 1 and _is_incomplete(row):
                _log.warning("%s:%d is an incomplete last line; it is skipped.", path, number)
            elif row.strip():
                yield from_line(row, Source(str(path), line=number))


def _line(file: IO[bytes]) -> bytes:
    """Return the next line, or the beginning of one that is too long; empty at the end. Raises NoText."""
    line = bytearray()
    while len(line) <= MAX_LINE and not line.endswith(b"\n") and (piece := file.readline(_PIECE)):
        line += piece
        if b"\0" in piece:
            raise NoText(file.tell() - len(line) + line.index(b"\0"))
    return bytes(line)


def _is_incomplete(line: bytes) -> bool:
    """Return whether a line is only the beginning of one: it has no line break, and is no JSON."""
    if line[:1] != b"{" or line.endswith(b"\n"):
        return False
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return True
    return False
