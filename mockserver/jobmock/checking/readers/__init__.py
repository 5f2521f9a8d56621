"""Readers of recorded traffic: HAR, VCR cassettes, JSON Lines of exchanges, plain bodies. The content decides which.

Files are read as streams, and never held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml

from ...dialect.api import Operation
from ...errors import UsageError
from ..exchange import LiveExchange, error_without_values
from . import cassette, har, lines, plain_bodies
from .json_stream import JsonStream, NoText

__all__ = ["Recording", "open_recording"]

_FORMS = "a HAR file, a VCR cassette, JSON Lines of exchanges, or JSON bodies (with --api and --operation)"
_TYPES = {"method": str, "path": str, "query": str, "status": int, "body": bytes, "sent": bytes}
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, yaml.YAMLError)
"""What readers raise if a file isn't what its beginning promised."""
_Exchanges = Generator[LiveExchange, None, None]
_Reader = Callable[[Path], _Exchanges]
_READERS: Mapping[str, _Reader] = {
    "log": har.exchanges, **dict.fromkeys(cassette.LISTS, cassette.exchanges), "method": lines.exchanges,
}  # fmt: skip
"""The reader for each top-level member by which a form of JSON is recognised."""


class Recording(NamedTuple):
    """The exchanges of a file. They are `alone` if the file has only bodies: then their order says nothing."""

    exchanges: Iterator[LiveExchange]
    alone: bool


def open_recording(path: Path, operation: Operation | None = None) -> Recording:
    """Return the exchanges of a file, which is read while they are iterated. Plain bodies need their `operation`.

    Raises UsageError, also while the file is read.
    """
    with _usage_errors(path):
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no regular file, and a recording is read twice. Save it to a file first.")
        reader = _reader(path)
    if reader is not None:
        return Recording(_checked(path, reader(path)), alone=False)
    if operation is None:
        raise UsageError(f"{path} holds JSON that is no recording. Allowed: {_FORMS}.")
    return Recording(_checked(path, plain_bodies.exchanges(path, operation)), alone=True)


def _reader(path: Path) -> _Reader | None:
    """Return the reader for a file, by its beginning; None if it is JSON of another form.

    Bytes that aren't UTF-8 are left to the reader: they may be in the last line of a writer that was killed.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        stream = JsonStream(file)
        first = stream.peek()
        if not first:
            raise ValueError("It is empty")
        if first not in "{[":
            return cassette.exchanges
        for key in stream.members() if first == "{" else ():
            if key in _READERS:
                return _READERS[key]
            stream.value()
    return None


def _checked(path: Path, exchanges: _Exchanges) -> Iterator[LiveExchange]:
    """Yield the exchanges after checking their types. The file is closed at the end, also after an error."""
    with _usage_errors(path), closing(exchanges):
        for exchange in exchanges:
            _check_types(exchange)
            yield exchange


def _check_types(exchange: LiveExchange) -> None:
    """Raise ValueError if a recording has a value of another type in place of a text or a number."""
    for name, kind in _TYPES.items():
        if type(value := getattr(exchange, name)) is not kind:  # True is an int in Python, and no HTTP status
            raise ValueError(f"{name} is of type {type(value).__name__} in {exchange.source}")
    for value in exchange.headers.values():
        if not isinstance(value, str):
            raise ValueError(f"a header is of type {type(value).__name__} in {exchange.source}")


@contextmanager
def _usage_errors(path: Path) -> Iterator[None]:
    """Turn errors into UsageErrors that name the file and what is allowed."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}.") from None
    except NoText as error:
        place = f"has a zero byte after {error.offset} characters" if error.offset else "begins with a zero byte"
        raise UsageError(f"{path} {place}, so it is no text. Allowed: {_FORMS}.") from None
    except _BROKEN as error:
        raise UsageError(f"{path} is broken: {_reason(error)}. Allowed: {_FORMS}.") from None


def _reason(error: Exception) -> str:
    """Return what is wrong, with its place but without values that were read."""
    mark = getattr(error, "problem_mark", None)
    return f"it is no YAML from line {mark.line + 1} on" if mark else error_without_values(error)
