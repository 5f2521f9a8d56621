"""Module multiprocessing: other processes are real; its pools of threads are threads."""

from __future__ import annotations

import multiprocessing
import multiprocessing.dummy
import multiprocessing.pool
import queue
import time
from multiprocessing.connection import wait as wait_for_connections
from typing import Any

from tests.virtual.matrix.cells import Exact, Real, Refused, construct
from tests.virtual.matrix.children import SHORT, give, nap, put, send
from tests.virtual.matrix.ground import Ground

CHILD = Real("another process does the work", SHORT)
TIMEOUT = Real("a timeout on another process", 0.5)
FORK, SPAWN = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")


def _started(context: Any, target: Any, *args: Any) -> Any:
    process = context.Process(target=target, args=args, daemon=True)
    process.start()
    return process


@construct(CHILD)
def join_fork(at: Ground) -> None:
    """`Process.join()`, forked"""
    _started(FORK, nap, SHORT).join()


@construct(CHILD)
def join_spawn(at: Ground) -> None:
    """`Process.join()`, spawned"""
    _started(SPAWN, nap, SHORT).join()


@construct(CHILD)
def join_in_time(at: Ground) -> None:
    """`Process.join(20)`"""
    process = _started(FORK, nap, SHORT)
    process.join(20)
    at.holds(not process.is_alive(), "it is alive")


@construct(CHILD)
def join_in_time_spawn(at: Ground) -> None:
    """`Process.join(20)`, spawned"""
    process = _started(SPAWN, nap, SHORT)
    process.join(20)
    at.holds(not process.is_alive(), "it is alive")


@construct(TIMEOUT)
def join_too_slow(at: Ground) -> None:
    """`Process.join(0.5)` of a longer one"""
    process = _started(FORK, nap, 30)
    process.join(0.5)
    at.holds(process.is_alive(), "it isn't alive")


@construct(CHILD)
def alive_in_sleeps(at: Ground) -> None:
    """`while process.is_alive(): time.sleep(0.1)`"""
    process = _started(FORK, nap, SHORT)
    while process.is_alive():
        time.sleep(0.1)


@construct(CHILD)
def queue_get_fork(at: Ground) -> None:
    """`Queue.get()`, put by a forked process"""
    made: Any = FORK.Queue()
    _started(FORK, put, made, SHORT)
    at.holds(made.get() == 7, "something else")


@construct(CHILD)
def queue_get_spawn(at: Ground) -> None:
    """`Queue.get(timeout=20)`, put by a spawned process"""
    made: Any = SPAWN.Queue()
    _started(SPAWN, put, made, SHORT)
    at.holds(made.get(timeout=20) == 7, "something else")


@construct(CHILD)
def queue_get_in_time(at: Ground) -> None:
    """`Queue.get(timeout=20)`, put by a forked process"""
    made: Any = FORK.Queue()
    _started(FORK, put, made, SHORT)
    at.holds(made.get(timeout=20) == 7, "something else")


@construct(TIMEOUT)
def queue_get_too_slow(at: Ground) -> None:
    """`Queue.get(timeout=0.5)`, put later by a forked process"""
    made: Any = FORK.Queue()
    _started(FORK, put, made, 30)
    try:
        made.get(timeout=0.5)
        at.holds(False, "something came")
    except queue.Empty:
        pass


@construct(Exact(30), Refused("get"))
def queue_of_a_thread(at: Ground) -> None:
    """`Queue.get(timeout=62)`, put by a thread after 30 s, no other process"""
    made: Any = FORK.Queue()
    at.later(30, lambda: made.put(7))
    at.holds(made.get(timeout=at.span(62)) == 7, "something else")


@construct(CHILD)
def simple_queue(at: Ground) -> None:
    """`SimpleQueue.get()`, put by a forked process"""
    made: Any = FORK.SimpleQueue()
    _started(FORK, put, made, SHORT)
    at.holds(made.get() == 7, "something else")


@construct(CHILD)
def pipe_recv(at: Ground) -> None:
    """`Pipe().recv()` from a forked process"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, SHORT)
    at.holds(ours.recv() == 7, "something else")


@construct(CHILD)
def pipe_poll(at: Ground) -> None:
    """`Pipe().poll(20)`, sent by a forked process"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, SHORT)
    at.holds(ours.poll(20), "nothing came")


@construct(TIMEOUT)
def pipe_poll_too_slow(at: Ground) -> None:
    """`Pipe().poll(0.5)`, sent later by a forked process"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, 30)
    at.holds(not ours.poll(0.5), "something came")


@construct(CHILD)
def connection_wait(at: Ground) -> None:
    """`connection.wait([…], 20)`"""
    ours, theirs = FORK.Pipe()
    _started(FORK, send, theirs, SHORT)
    at.holds(wait_for_connections([ours], 20), "nothing came")


@construct(CHILD)
def sentinel_wait(at: Ground) -> None:
    """`connection.wait([process.sentinel])`"""
    at.holds(wait_for_connections([_started(FORK, nap, SHORT).sentinel]), "nothing came")


@construct(CHILD)
def event_wait(at: Ground) -> None:
    """`Event.wait()`, set by a forked process"""
    made = FORK.Event()
    _started(FORK, give, made, SHORT)
    at.holds(made.wait(), "it wasn't set")


@construct(TIMEOUT)
def event_too_slow(at: Ground) -> None:
    """`Event.wait(0.5)`, set later by a forked process"""
    made = FORK.Event()
    _started(FORK, give, made, 30)
    at.holds(not made.wait(0.5), "it was set")


@construct(TIMEOUT)
def lock_too_slow(at: Ground) -> None:
    """`Lock.acquire(timeout=0.5)`, taken"""
    lock = FORK.Lock()
    lock.acquire()
    at.holds(not lock.acquire(timeout=0.5), "it was free")


@construct(CHILD)
def manager(at: Ground) -> None:
    """a `Manager`'s queue, `get(timeout=20)`"""
    with FORK.Manager() as manager:
        made = manager.Queue()
        _started(FORK, put, made, SHORT)
        at.holds(made.get(timeout=20) == 7, "something else")
