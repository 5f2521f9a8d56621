"""Readers of recorded traffic. The content of a file decides its form.

Files are read as streams, and never held in memory. An odd entry is left out, with its place and the reason. If nothing
in a file can be read, that is a UsageError. If the system doesn't give all of a file, that
is a BrokenOff.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ...dialect.api import Operation
from ...errors import UsageError
from ..exchange import WRONG_FORM, LiveExchange, OddEntry, Source, reason_without_values
from .archive import recorded_files
from .compression import DAMAGED
from .forms import ALLOWED, Form, form_of
from .json_stream import BadJson
from .named_files import RemoteFile
from .recorded_file import NoText, RecordedFile
from .yaml_entries import BROKEN, odd_entry

__all__ = ["BrokenOff", "LeaveOut", "Recording", "open_recording"]

LeaveOut = Callable[[Source, str], None]
"""What is called for an entry that can't be read, with its place and the reason."""
Skips = Callable[[str, str], bool]
"""What is called with the method and the path of an entry (empty if they aren't known), and says whether to skip it."""
_TYPES = {"method": str, "path": str, "query": str, "status": int, "body": bytes, "sent": bytes}
_UNREADABLE: tuple[type[Exception], ...] = (*DAMAGED, OSError)
"""What is raised while a file is read, if its bytes can't be had."""
_NO_MORE: tuple[type[Exception], ...] = (NoText, *_UNREADABLE)
_log = logging.getLogger("jobmock")


class BrokenOff(UsageError):
    """Raised if the system, or a store, doesn't give a file, or not to its end."""


class Recording(NamedTuple):
    """The exchanges of a file. They are `alone` if the file has only bodies: then their order says nothing."""

    exchanges: Iterator[LiveExchange]
    alone: bool
    splits: bool = False
    """Whether entries can be skipped without reading them."""


def open_recording(
    path: Path | RemoteFile, operation: Operation | None = None, leave_out: LeaveOut | None = None,
    skips: Skips | None = None,
) -> Recording:  # fmt: skip
    """Return the exchanges of a file, which is read while they are iterated. Plain bodies need their `operation`.

    `leave_out` gets what can't be read; without it, that is logged. In files that can be split, what `skips` isn't
    read. Raises UsageError, also while the file is read, if nothing of it can be read.
    """
    with _usage_errors(path):
        if isinstance(path, Path) and path.exists() and not path.is_file():
            raise UsageError(f"{path} is no regular file, and a recording is read twice. Save it to a file first.")
        with recorded_files(path) as files:
            forms = [form_of(file, operation) for file in files[:1]]
    splits = len(files) == 1 and forms[0].request_of is not None
    exchanges = _exchanges(path, operation, leave_out or _warn, skips if splits else None)
    return Recording(exchanges, forms[0].alone if forms else False, splits)


def _warn(source: Source, reason: str) -> None:
    _log.warning("%s is left out: %s.", source, reason)


def _exchanges(
    path: Path | RemoteFile, operation: Operation | None, leave_out: LeaveOut, skips: Skips | None
) -> Iterator[LiveExchange]:  # fmt: skip
    with _usage_errors(path), recorded_files(path) as files:
        failures = []
        for file in files:
            try:
                yield from _of_file(file, form_of(file, operation), leave_out, skips)
            except UsageError as error:
                if len(files) == 1 or isinstance(error, BrokenOff):
                    raise
                failures.append(error)
                leave_out(Source(file.name), "it is no recording")
        if failures and len(failures) == len(files):
            raise failures[0]


def _of_file(
    file: RecordedFile, form: Form, leave_out: LeaveOut, skips: Skips | None = None
) -> Iterator[LiveExchange]:  # fmt: skip
    """Yield the exchanges of a file. Raises UsageError if it has entries, and none of them can be read."""
    read, first = 0, None
    try:
        with closing(form.entries(file)) as entries:  # type: ignore[type-var]
            for entry, source in entries:
                if skips and form.request_of and skips(*form.request_of(entry)):
                    read += 1
                    continue
                found = _exchange(form, entry, source, file)
                if isinstance(found, OddEntry):
                    first = first or (source, found)
                    leave_out(source, str(found))
                else:
                    read += 1
                    yield found
    except _NO_MORE as error:
        if not read:
            raise
        if _is_of_system(error):
            text = f"{file.name} can't be read to its end: {_end_reason(error)}. Only what is before that is judged."
            raise BrokenOff(text) from None
        if skips is None or not skips("", ""):
            leave_out(Source(file.name), f"the rest of the file, because {_end_reason(error)}")
    except WRONG_FORM as error:
        raise UsageError(f"{file.name} is broken: {reason_without_values(error)}. Allowed: {ALLOWED}.") from None
    if first and not read:
        source, odd = first
        place = f" after {odd.offset} characters" if isinstance(odd, BadJson) else ""
        text = f"{source} is broken: {odd}{place}. Nothing else in the file can be read."
        raise UsageError(f"{text} Allowed: {ALLOWED}.")


def _exchange(form: Form, entry: Any, source: Source, file: RecordedFile) -> LiveExchange | OddEntry:
    if isinstance(entry, OddEntry):
        return entry
    try:
        found = form.exchange(entry, source, file)
        _check_types(found)
    except BROKEN as error:
        return odd_entry(error)
    return found


def _check_types(exchange: LiveExchange) -> None:
    """Raise OddEntry if a recording has a value of another type in place of a text or a number."""
    for name, kind in _TYPES.items():
        if type(getattr(exchange, name)) is not kind:  # True is an int in Python, and no HTTP status
            raise OddEntry(f"its {name} isn't what it should be")
    for value in exchange.headers.values():
        if not isinstance(value, str):
            raise OddEntry("a header is no text")


@contextmanager
def _usage_errors(path: Path | RemoteFile) -> Iterator[None]:
    """Turn errors into UsageErrors that name the file and what is allowed."""
    try:
        yield
    except NoText as error:
        place = f"has a zero byte after {error.offset} characters" if error.offset else "begins with a zero byte"
        raise UsageError(f"{path} {place}, so it is no text. Allowed: {ALLOWED}.") from None
    except _UNREADABLE as error:
        kind = BrokenOff if _is_of_system(error) else UsageError
        raise kind(f"{path} can't be read: {_end_reason(error)}.") from None


def _is_of_system(error: Exception) -> bool:
    """Return whether the system or a store gives no more of a file. Decompressors raise OSErrors without a number."""
    return isinstance(error, OSError) and error.errno is not None


def _end_reason(error: Exception) -> str:
    """Return in words why reading ends."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, NoText):
        return f"it has {error}"
    return "it ends too early" if isinstance(error, EOFError) else "its compressed data are damaged"
