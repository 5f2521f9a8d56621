"""Watches scenario files: a changed one is read again, a broken one keeps its last good version and is logged."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from .scenarios import Catalogue

_log = logging.getLogger("jobmock")


def watch_files(catalogue: Catalogue, stop: threading.Event) -> None:
    """Reload files as they change, until `stop` is set. Running jobs keep the version they began with."""
    from watchfiles import watch

    for changes in watch(*catalogue.folders, stop_event=stop, rust_timeout=200, raise_interrupt=False):
        paths = [Path(path) for _, path in changes]
        for path in catalogue.reload(paths):
            report(catalogue, path)


def report(catalogue: Catalogue, path: Path) -> None:
    """Log the result of reading a file again."""
    problems = catalogue.problems.get(path)
    if problems is None:
        _log.info("Read %s again.", path)
    stays = " (its last good version stays)" if catalogue.has(path) else ""
    for problem in problems or ():
        _log.error("%s%s", problem, stays)
