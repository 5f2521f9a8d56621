"""Modules sched, logging and contextvars, which use functions of other modules."""

from __future__ import annotations

import contextvars
import logging
import logging.handlers
import queue
import sched
import time

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, construct


@construct(Exact(62))
def scheduler(cell: CellRun) -> None:
    """`scheduler()`, by default"""
    order: list[int] = []
    made = sched.scheduler()
    for seconds in (62, 30):
        made.enter(cell.scale(seconds), 1, order.append, (seconds,))
    made.run()
    cell.expect(order == [30, 62], f"in the order {order}")


@construct(Exact(62))
def scheduler_with_functions(cell: CellRun) -> None:
    """`scheduler(time.monotonic, time.sleep)`"""
    made = sched.scheduler(time.monotonic, time.sleep)
    made.enter(cell.scale(62), 1, int)
    made.run()


@construct(Exact(62))
def scheduler_of_the_wall_clock(cell: CellRun) -> None:
    """`scheduler(time.time, time.sleep)`, `enterabs`"""
    made = sched.scheduler(time.time, time.sleep)
    made.enterabs(time.time() + cell.scale(62), 1, int)
    made.run()


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@construct(Exact(62))
def record_created(cell: CellRun) -> None:
    """`LogRecord.created`"""
    logger, kept = logging.getLogger("matrix"), _Kept()
    logger.addHandler(kept)
    logger.warning("one")
    time.sleep(cell.scale(62))
    logger.warning("two")
    cell.expect_seconds(kept.records[1].created - kept.records[0].created, 62)


@construct(Exact(62))
def rotating(cell: CellRun) -> None:
    """`TimedRotatingFileHandler`, due after 60 s"""
    handler = logging.handlers.TimedRotatingFileHandler("/dev/null", when="S", interval=60, delay=True)
    handler.rolloverAt = int(time.time()) + int(cell.scale(60))
    time.sleep(cell.scale(62))
    cell.expect(time.time() >= handler.rolloverAt, "it isn't due")
    handler.close()


@construct(Exact(30))
def queue_listener(cell: CellRun) -> None:
    """`QueueListener`, a handler that sleeps 30 s, `stop()`"""
    kept, logger = _Kept(), logging.getLogger("matrix.queue")

    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            time.sleep(cell.scale(30))
            kept.emit(record)

    records = queue.Queue[logging.LogRecord]()
    logger.addHandler(logging.handlers.QueueHandler(records))
    listener = logging.handlers.QueueListener(records, Slow())
    listener.start()
    logger.warning("one")
    listener.stop()
    cell.expect(len(kept.records) == 1, "it wasn't handled")


@construct(Exact(62))
def context_run(cell: CellRun) -> None:
    """`contextvars.copy_context().run(time.sleep, 62)`"""
    contextvars.copy_context().run(time.sleep, cell.scale(62))
