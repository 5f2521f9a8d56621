"""Modules sched, logging and contextvars, which use the time of others."""

from __future__ import annotations

import contextvars
import logging
import logging.handlers
import queue
import sched
import time

from tests.virtual.matrix.cells import Exact, construct
from tests.virtual.matrix.ground import Ground


@construct(Exact(62))
def scheduler(at: Ground) -> None:
    """`scheduler()`, by default"""
    told: list[int] = []
    made = sched.scheduler()
    for seconds in (62, 30):
        made.enter(at.span(seconds), 1, told.append, (seconds,))
    made.run()
    at.holds(told == [30, 62], f"in the order {told}")


@construct(Exact(62))
def scheduler_with_functions(at: Ground) -> None:
    """`scheduler(time.monotonic, time.sleep)`"""
    made = sched.scheduler(time.monotonic, time.sleep)
    made.enter(at.span(62), 1, int)
    made.run()


@construct(Exact(62))
def scheduler_of_the_wall_clock(at: Ground) -> None:
    """`scheduler(time.time, time.sleep)`, `enterabs`"""
    made = sched.scheduler(time.time, time.sleep)
    made.enterabs(time.time() + at.span(62), 1, int)
    made.run()


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@construct(Exact(62))
def record_created(at: Ground) -> None:
    """`LogRecord.created`"""
    logger, kept = logging.getLogger("matrix"), _Kept()
    logger.addHandler(kept)
    logger.warning("one")
    time.sleep(at.span(62))
    logger.warning("two")
    at.tells(kept.records[1].created - kept.records[0].created, 62)


@construct(Exact(62))
def rotating(at: Ground) -> None:
    """`TimedRotatingFileHandler`, due after 60 s"""
    handler = logging.handlers.TimedRotatingFileHandler("/dev/null", when="S", interval=60, delay=True)
    handler.rolloverAt = int(time.time()) + int(at.span(60))
    time.sleep(at.span(62))
    at.holds(time.time() >= handler.rolloverAt, "it isn't due")
    handler.close()


@construct(Exact(30))
def queue_listener(at: Ground) -> None:
    """`QueueListener`, a handler that sleeps 30 s, `stop()`"""
    kept, logger = _Kept(), logging.getLogger("matrix.queue")

    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            time.sleep(at.span(30))
            kept.emit(record)

    records = queue.Queue[logging.LogRecord]()
    logger.addHandler(logging.handlers.QueueHandler(records))
    listener = logging.handlers.QueueListener(records, Slow())
    listener.start()
    logger.warning("one")
    listener.stop()
    at.holds(len(kept.records) == 1, "it wasn't handled")


@construct(Exact(62))
def context_run(at: Ground) -> None:
    """`contextvars.copy_context().run(time.sleep, 62)`"""
    contextvars.copy_context().run(time.sleep, at.span(62))
