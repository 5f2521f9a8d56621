"""Module queue: what threads hand over."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.virtual.matrix.cells import Exact, Real, Refused, construct
from tests.virtual.matrix.ground import Ground

OLD_SIMPLE, OLD_QUEUE = queue.SimpleQueue[int](), queue.Queue[int]()


def _empty(at: Ground, get: Callable[..., Any]) -> None:
    try:
        get(timeout=at.span(62))
        at.holds(False, "something came")
    except queue.Empty:
        pass


def _put_later(at: Ground, made: Any) -> None:
    at.later(30, lambda: made.put(7))
    at.holds(made.get(timeout=at.span(62)) == 7, "it isn't what was put")


@construct(Exact(62))
def get_timeout(at: Ground) -> None:
    """`Queue.get(timeout=62)`"""
    _empty(at, queue.Queue[int]().get)


@construct(Exact(30))
def get(at: Ground) -> None:
    """`Queue.get(timeout=62)`, put after 30 s"""
    _put_later(at, queue.Queue[int]())


@construct(Exact(30))
def get_for_ever(at: Ground) -> None:
    """`Queue.get()`, put after 30 s"""
    made = queue.Queue[int]()
    at.later(30, lambda: made.put(7))
    made.get()


@construct(Exact(62))
def put_timeout(at: Ground) -> None:
    """`Queue.put(timeout=62)` into a full one"""
    full = queue.Queue[int](1)
    full.put(1)
    try:
        full.put(2, timeout=at.span(62))
        at.holds(False, "there was room")
    except queue.Full:
        pass


@construct(Exact(30))
def put(at: Ground) -> None:
    """`Queue.put()` into a full one, room after 30 s"""
    full = queue.Queue[int](1)
    full.put(1)
    at.later(30, full.get)
    full.put(2)


@construct(Exact(30))
def priority_queue(at: Ground) -> None:
    """`PriorityQueue.get(timeout=62)`, put after 30 s"""
    _put_later(at, queue.PriorityQueue[int]())


@construct(Exact(30))
def lifo_queue(at: Ground) -> None:
    """`LifoQueue.get(timeout=62)`, put after 30 s"""
    _put_later(at, queue.LifoQueue[int]())


@construct(Exact(62), Refused("get"))
def simple_timeout(at: Ground) -> None:
    """`SimpleQueue.get(timeout=62)`"""
    _empty(at, queue.SimpleQueue[int]().get)


@construct(Exact(30), Refused("get"))
def simple(at: Ground) -> None:
    """`SimpleQueue.get(timeout=62)`, put after 30 s"""
    _put_later(at, queue.SimpleQueue[int]())


@construct(Exact(30), Refused("get"))
def simple_for_ever(at: Ground) -> None:
    """`SimpleQueue.get()`, put after 30 s"""
    made = queue.SimpleQueue[int]()
    at.later(30, lambda: made.put(7))
    made.get()


@construct(Exact(30), Refused("get"))
def old_simple(at: Ground) -> None:
    """`get(timeout=62)` of a SimpleQueue made before, put after 30 s"""
    _put_later(at, OLD_SIMPLE)


@construct(Exact(30))
def old_queue(at: Ground) -> None:
    """`get(timeout=62)` of a Queue made before, put after 30 s"""
    _put_later(at, OLD_QUEUE)


@construct(Exact(60))
def join(at: Ground) -> None:
    """`Queue.join()`, two jobs of 30 s"""
    made = queue.Queue[int]()

    def work() -> None:
        for _ in range(2):
            made.get()
            time.sleep(at.span(30))
            made.task_done()

    threading.Thread(target=work, daemon=True).start()
    made.put(1)
    made.put(2)
    made.join()


OLDER_WORK = Real("a thread older than virtual time does the work", 1.4)


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def get_from_an_older_thread(at: Ground) -> None:
    """`Queue.get()`, put by an older thread after 1.4 real s"""
    made = queue.Queue[int]()
    at.todo.put(lambda: made.put(7))
    made.get()


@construct(OLDER_WORK, tools=frozenset({"worker"}))
def get_from_an_older_thread_in_time(at: Ground) -> None:
    """`Queue.get(timeout=10)`, put by an older thread after 1.4 real s"""
    made = queue.Queue[int]()
    at.todo.put(lambda: made.put(7))
    made.get(timeout=10)
