"""Module queue: queues between threads."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, Refused, construct

OLD_SIMPLE, OLD_QUEUE = queue.SimpleQueue[int](), queue.Queue[int]()


def _empty(cell: CellRun, get: Callable[..., Any]) -> None:
    try:
        get(timeout=cell.scale(62))
        cell.expect(False, "something came")
    except queue.Empty:
        pass


def _put_later(cell: CellRun, made: Any) -> None:
    cell.run_after(30, lambda: made.put(7))
    cell.expect(made.get(timeout=cell.scale(62)) == 7, "it isn't what was put")


@construct(Exact(62))
def get_timeout(cell: CellRun) -> None:
    """`Queue.get(timeout=62)`"""
    _empty(cell, queue.Queue[int]().get)


@construct(Exact(30))
def get(cell: CellRun) -> None:
    """`Queue.get(timeout=62)`, put after 30 s"""
    _put_later(cell, queue.Queue[int]())


@construct(Exact(30))
def get_for_ever(cell: CellRun) -> None:
    """`Queue.get()`, put after 30 s"""
    made = queue.Queue[int]()
    cell.run_after(30, lambda: made.put(7))
    made.get()


@construct(Exact(62))
def put_timeout(cell: CellRun) -> None:
    """`Queue.put(timeout=62)` into a full one"""
    full = queue.Queue[int](1)
    full.put(1)
    try:
        full.put(2, timeout=cell.scale(62))
        cell.expect(False, "there was room")
    except queue.Full:
        pass


@construct(Exact(30))
def put(cell: CellRun) -> None:
    """`Queue.put()` into a full one, room after 30 s"""
    full = queue.Queue[int](1)
    full.put(1)
    cell.run_after(30, full.get)
    full.put(2)


@construct(Exact(30))
def priority_queue(cell: CellRun) -> None:
    """`PriorityQueue.get(timeout=62)`, put after 30 s"""
    _put_later(cell, queue.PriorityQueue[int]())


@construct(Exact(30))
def lifo_queue(cell: CellRun) -> None:
    """`LifoQueue.get(timeout=62)`, put after 30 s"""
    _put_later(cell, queue.LifoQueue[int]())


@construct(Exact(62), Refused("get"))
def simple_timeout(cell: CellRun) -> None:
    """`SimpleQueue.get(timeout=62)`"""
    _empty(cell, queue.SimpleQueue[int]().get)


@construct(Exact(30), Refused("get"))
def simple(cell: CellRun) -> None:
    """`SimpleQueue.get(timeout=62)`, put after 30 s"""
    _put_later(cell, queue.SimpleQueue[int]())


@construct(Exact(30), Refused("get"))
def simple_for_ever(cell: CellRun) -> None:
    """`SimpleQueue.get()`, put after 30 s"""
    made = queue.SimpleQueue[int]()
    cell.run_after(30, lambda: made.put(7))
    made.get()


@construct(Exact(30), Refused("get"))
def old_simple(cell: CellRun) -> None:
    """`get(timeout=62)` of a SimpleQueue made before, put after 30 s"""
    _put_later(cell, OLD_SIMPLE)


@construct(Exact(30))
def old_queue(cell: CellRun) -> None:
    """`get(timeout=62)` of a Queue made before, put after 30 s"""
    _put_later(cell, OLD_QUEUE)


@construct(Exact(60))
def join(cell: CellRun) -> None:
    """`Queue.join()`, two jobs of 30 s"""
    made = queue.Queue[int]()

    def work() -> None:
        for _ in range(2):
            made.get()
            time.sleep(cell.scale(30))
            made.task_done()

    threading.Thread(target=work, daemon=True).start()
    made.put(1)
    made.put(2)
    made.join()


OLDER_WORK = Real("a thread older than virtual time does the work", 1.4)


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def get_from_an_older_thread(cell: CellRun) -> None:
    """`Queue.get()`, put by an older thread after 1.4 real s"""
    made = queue.Queue[int]()
    cell.worker_jobs.put(lambda: made.put(7))
    made.get()


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def get_from_an_older_thread_in_time(cell: CellRun) -> None:
    """`Queue.get(timeout=10)`, put by an older thread after 1.4 real s"""
    made = queue.Queue[int]()
    cell.worker_jobs.put(lambda: made.put(7))
    made.get(timeout=10)
