"""The log of the server itself: `jobmock.server`, in place of the loggers of uvicorn and asyncio that others share."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop
from collections.abc import Callable
from threading import get_ident
from typing import Any, TypeVar

AnyLoop = TypeVar("AnyLoop", bound=AbstractEventLoop)

_log = logging.getLogger("jobmock.server")


class OwnLog:
    """Lets a protocol of uvicorn log to `jobmock.server`, without a line for each request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger, self.access_log = _log, False


def quiet_loop(make: Callable[[], AnyLoop]) -> AnyLoop:
    """Return a new event loop. asyncio logs neither the name of its selector nor, in debug mode, slow callbacks."""
    logger, thread = logging.getLogger("asyncio"), get_ident()

    def is_of_another_thread(record: logging.LogRecord) -> bool:
        return record.thread != thread

    logger.addFilter(is_of_another_thread)
    try:
        loop = make()
    finally:
        logger.removeFilter(is_of_another_thread)
    loop.set_debug(False)
    return loop
