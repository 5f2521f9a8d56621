"""What jobmock warns of while it reads files: each warning once, and where the user sees it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger("jobmock")


@contextmanager
def without_warnings() -> Iterator[None]:
    """Warn of nothing in the block: somebody else reads the same file, and warns of it."""
    before = _log.level
    _log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _log.setLevel(before)


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Collect the texts of the warnings in the block."""
    collector = _Collector()
    _log.addHandler(collector)
    try:
        yield collector.texts
    finally:
        _log.removeHandler(collector)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
