"""Recorded traffic, read as a stream: HAR, VCR cassettes, JSON Lines of exchanges, plain bodies; told by content."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml

from ...dialect.api import Api, Operation
from ...errors import UsageError, hint
from ..exchange import LiveExchange, without_values
from . import bodies, cassette, har, lines
from .json_stream import Stream

__all__ = ["Recording", "operation_named", "recording"]

_FORMS = "a HAR file, a VCR cassette, JSON Lines of exchanges, or JSON bodies (with --api and --operation)"
_TYPES = {"method": str, "path": str, "query": str, "status": int, "body": bytes, "sent": bytes}
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, yaml.YAMLError)
"""What readers raise where a file isn't what its beginning promised."""
_Exchanges = Generator[LiveExchange, None, None]
_Reader = Callable[[Path], _Exchanges]
_READERS: Mapping[str, _Reader] = {
    "log": har.exchanges, **dict.fromkeys(cassette.LISTS, cassette.exchanges), "method": lines.exchanges,
}  # fmt: skip
"""The top-level member that tells a form of JSON from the others."""


class Recording(NamedTuple):
    """The exchanges of a file; bodies without their requests are `alone`, so nothing follows from their order."""

    exchanges: Iterator[LiveExchange]
    alone: bool


def recording(path: Path, operation: Operation | None = None) -> Recording:
    """Return the exchanges of a file, which is read as they are taken; plain bodies need their `operation`.

    Raises UsageError, also while it is read.
    """
    with _worded(path):
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no regular file, and a recording is read twice. Save it to a file first.")
        reader = _reader(path)
    if reader is not None:
        return Recording(_guarded(path, reader(path)), alone=False)
    if operation is None:
        raise UsageError(f"{path} holds JSON that is no recording. Allowed: {_FORMS}.")
    return Recording(_guarded(path, bodies.exchanges(path, operation)), alone=True)


def operation_named(api: Api, name: str) -> Operation:
    """Return an operation of an API. Raises UsageError."""
    found = next((operation for operation in api.operations if operation.name == name), None)
    if found is None:
        names = list(dict.fromkeys(operation.name for operation in api.operations))
        text = f"The API {api.name!r} has no operation {name!r}. Allowed: {', '.join(names)}.{hint(name, names)}"
        raise UsageError(text)
    return found


def _reader(path: Path) -> _Reader | None:
    """Return what reads a file, told by its beginning; None where it is JSON of another form.

    What isn't UTF-8 is the reader's matter: it may stand where a killed writer's last line was cut.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        stream = Stream(file)
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


def _guarded(path: Path, exchanges: _Exchanges) -> Iterator[LiveExchange]:
    """Yield exchanges that are sound; the file is closed at the end, also where that is an error."""
    with _worded(path), closing(exchanges):
        for exchange in exchanges:
            _check_types(exchange)
            yield exchange


def _check_types(exchange: LiveExchange) -> None:
    """Raise ValueError for what a recording may hold in the place of a text or a number."""
    for name, kind in _TYPES.items():
        if type(value := getattr(exchange, name)) is not kind:  # true is an int in Python, and no code
            raise ValueError(f"{name} is of type {type(value).__name__} in {exchange.source}")
    for value in exchange.headers.values():
        if not isinstance(value, str):
            raise ValueError(f"a header is of type {type(value).__name__} in {exchange.source}")


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    """Say of whatever goes wrong in a file which file it is, and what is allowed."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}.") from None
    except _BROKEN as error:
        raise UsageError(f"{path} is broken: {_said(error)}. Allowed: {_FORMS}.") from None


def _said(error: Exception) -> str:
    """Return what is wrong, and no more of what was read than its place."""
    mark = getattr(error, "problem_mark", None)
    return f"it is no YAML from line {mark.line + 1} on" if mark else without_values(error)
