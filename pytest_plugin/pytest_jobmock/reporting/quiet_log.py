"""Keeps the mock's own log out of a test's log, which is the client's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("jobmock", "jobmock.requests", "jobmock.server")


@contextmanager
def quiet_log() -> Iterator[None]:
    """Drop the records of jobmock's loggers within the block, unless a level was set for one of them."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_has_own_level)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(_has_own_level)


def _has_own_level(record: logging.LogRecord) -> bool:
    """Whether a level was set for a record's logger, or for `jobmock` above it. One for all loggers is not enough."""
    return any(logging.getLogger(name).level for name in ("jobmock", record.name))
