"""Module multiprocessing: processes, queues, pipes and events."""

from __future__ import annotations

import multiprocessing
import multiprocessing.dummy
import multiprocessing.pool
import queue
import time
from multiprocessing.connection import wait as wait_for_connections
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, Refused, construct
from tests.virtual.matrix.child_functions import SHORT, nap, put, send, set_event

CHILD = Real("another process does the work", SHORT)
TIMEOUT = Real("a timeout on another process", 0.5)
FORK, SPAWN = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")


def _started(context: Any, target: Any, *args: Any) -> Any:
    process = context.Process(target=target, args=args, daemon=True)
    process.start()
    return process


@construct(CHILD)
def join_fork(cell: CellRun) -> None:
    """`Process.join()`, forked"""
    _started(FORK, nap, SHORT).join()


@construct(CHILD)
def join_spawn(cell: CellRun) -> None:
    """`Process.join()`, spawned"""
    _started(SPAWN, nap, SHORT).join()


@construct(CHILD)
def join_in_time(cell: CellRun) -> None:
    """`Process.join(20)`"""
    process = _started(FORK, nap, SHORT)
    process.join(20)
    cell.expect(not process.is_alive(), "it is alive")


@construct(CHILD)
def join_in_time_spawn(cell: CellRun) -> None:
    """`Process.join(20)`, spawned"""
    process = _started(SPAWN, nap, SHORT)
    process.join(20)
    cell.expect(not process.is_alive(), "it is alive")


@construct(TIMEOUT)
def join_too_slow(cell: CellRun) -> None:
    """`Process.join(0.5)` of a longer one"""
    process = _started(FORK, nap, 30)
    process.join(0.5)
    cell.expect(process.is_alive(), "it isn't alive")


@construct(CHILD)
def alive_in_sleeps(cell: CellRun) -> None:
    """`while process.is_alive(): time.sleep(0.1)`"""
    process = _started(FORK, nap, SHORT)
    while process.is_alive():
        time.sleep(0.1)


@construct(CHILD)
def queue_get_fork(cell: CellRun) -> None:
    """`Queue.get()`, put by a forked process"""
    made: Any = FORK.Queue()
    _started(FORK, put, made, SHORT)
    cell.expect(made.get() == 7, "something else")


@construct(CHILD)
def queue_get_spawn(cell: CellRun) -> None:
    """`Queue.get(timeout=20)`, put by a spawned process"""
    made: Any = SPAWN.Queue()
    _started(SPAWN, put, made, SHORT)
    cell.expect(made.get(timeout=20) == 7, "something else")


@construct(CHILD)
def queue_get_in_time(cell: CellRun) -> None:
    """`Queue.get(timeout=20)`, put by a forked process"""
    made: Any = FORK.Queue()
    _started(FORK, put, made, SHORT)
    cell.expect(made.get(timeout=20) == 7, "something else")


@construct(TIMEOUT)
def queue_get_too_slow(cell: CellRun) -> None:
    """`Queue.get(timeout=0.5)`, put later by a forked process"""
    made: Any = FORK.Queue()
    _started(FORK, put, made, 30)
    try:
        made.get(timeout=0.5)
        cell.expect(False, "something came")
    except queue.Empty:
        pass


@construct(Exact(30), Refused("get"))
def queue_of_a_thread(cell: CellRun) -> None:
    """`Queue.get(timeout=62)`, put by a thread after 30 s, no other process"""
    made: Any = FORK.Queue()
    cell.run_after(30, lambda: made.put(7))
    cell.expect(made.get(timeout=cell.scale(62)) == 7, "something else")


@construct(CHILD)
def simple_queue(cell: CellRun) -> None:
    """`SimpleQueue.get()`, put by a forked process"""
    made: Any = FORK.SimpleQueue()
    _started(FORK, put, made, SHORT)
    cell.expect(made.get() == 7, "something else")


@construct(CHILD)
def pipe_recv(cell: CellRun) -> None:
    """`Pipe().recv()` from a forked process"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, SHORT)
    cell.expect(ours.recv() == 7, "something else")


@construct(CHILD)
def pipe_poll(cell: CellRun) -> None:
    """`Pipe().poll(20)`, sent by a forked process"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, SHORT)
    cell.expect(ours.poll(20), "nothing came")


@construct(TIMEOUT)
def pipe_poll_too_slow(cell: CellRun) -> None:
    """`Pipe().poll(0.5)`, sent later by a forked process"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, 30)
    cell.expect(not ours.poll(0.5), "something came")


@construct(CHILD)
def connection_wait(cell: CellRun) -> None:
    """`connection.wait([…], 20)`"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, SHORT)
    cell.expect(wait_for_connections([ours], 20), "nothing came")


@construct(CHILD)
def sentinel_wait(cell: CellRun) -> None:
    """`connection.wait([process.sentinel])`"""
    cell.expect(wait_for_connections([_started(FORK, nap, SHORT).sentinel]), "nothing came")


@construct(CHILD)
def event_wait(cell: CellRun) -> None:
    """`Event.wait()`, set by a forked process"""
    made = FORK.Event()
    _started(FORK, set_event, made, SHORT)
    cell.expect(made.wait(), "it wasn't set")


@construct(TIMEOUT)
def event_too_slow(cell: CellRun) -> None:
    """`Event.wait(0.5)`, set later by a forked process"""
    made = FORK.Event()
    _started(FORK, set_event, made, 30)
    cell.expect(not made.wait(0.5), "it was set")


@construct(TIMEOUT)
def lock_too_slow(cell: CellRun) -> None:
    """`Lock.acquire(timeout=0.5)`, taken"""
    lock = FORK.Lock()
    lock.acquire()
    cell.expect(not lock.acquire(timeout=0.5), "it was free")


@construct(CHILD)
def manager(cell: CellRun) -> None:
    """a `Manager`'s queue, `get(timeout=20)`"""
    with FORK.Manager() as manager:
        made = manager.Queue()
        _started(FORK, put, made, SHORT)
        cell.expect(made.get(timeout=20) == 7, "something else")
