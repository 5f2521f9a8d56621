"""Warnings of a recorder. Each text is given once, and errors are reported without the data that caused them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Warnings:
    """Gives each text to `warn` once. `data_lost` is true after an exchange could not be recorded at all."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn, self._given, self._lock = warn, set[str](), Lock()
        self.data_lost = False

    def add(self, text: str) -> None:
        """Give a warning, unless the same was given before."""
        with self._lock:
            new = text not in self._given
            self._given.add(text)
        if new:
            self._warn(text)

    @contextmanager
    def for_write_errors(self) -> Iterator[None]:
        """Turn an OSError into a warning that names the file; the write is retried later."""
        try:
            yield
        except OSError as error:
            number = f" (errno {error.errno})" if error.errno else ""
            self.add(f"Can't write {str(error.filename)!r}: {error.strerror or type(error).__name__}{number}.")

    @contextmanager
    def for_any_error(self, subject: str) -> Iterator[None]:
        """Turn any error into a warning with its type only, because its message could hold somebody's data."""
        try:
            yield
        except Exception as error:
            self.data_lost = True
            self.add(f"{subject} couldn't be recorded: {type(error).__name__}.")
