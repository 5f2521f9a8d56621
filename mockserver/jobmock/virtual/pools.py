"""Jobs of a pool: each takes part from its submission to its end, as long as a worker can have it.

A job in another process counts as work for all its length: its time is real.

Each function here stands in for the method of the same name; `real` is that method.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, thread
from typing import Any
from weakref import WeakKeyDictionary

from .participant import Participant
from .presence import apart, here, taking_part
from .sites import spared


class _Row:
    """The jobs of one pool: how many a worker has or is about to take, and those for whom there is no worker yet."""

    def __init__(self) -> None:
        self.taken = 0
        self.queued: deque[Participant] = deque()


_turns = allocate_lock()
_rows: WeakKeyDictionary[ThreadPoolExecutor, _Row] = WeakKeyDictionary()
_jobs: WeakKeyDictionary[Future[Any], tuple[_Row, Participant]] = WeakKeyDictionary()


def submit(real: Any, pool: ThreadPoolExecutor, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
    """ThreadPoolExecutor.submit: time doesn't move before a worker that is free has begun the job."""
    me = here()
    if me is None or spared(2):
        future: Future[Any] = real(pool, work, *args, **kwargs)
        return future
    participant, row = me.world.join("a pool's job"), _rows.setdefault(pool, _Row())
    _take(row, participant, pool._max_workers)

    def taking(*args: Any, **kwargs: Any) -> Any:
        with taking_part(participant, leaving=False):
            return work(*args, **kwargs)

    try:
        with apart():
            future = real(pool, taking, *args, **kwargs)
    except BaseException:
        _done(row, participant)
        raise
    _jobs[future] = row, participant
    future.add_done_callback(_cancelled)
    if future.done():
        _over(future)
    return future


def run(real: Any, job: Any, *args: Any) -> None:
    """The run of a pool's job: it leaves only when whoever waits for its result has been told."""
    future = job.future
    try:
        real(job, *args)
    finally:
        _over(future)


def submit_elsewhere(real: Any, pool: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
    """ProcessPoolExecutor.submit: time doesn't move before the other process is done."""
    me = here()
    if me is None:
        future: Future[Any] = real(pool, *args, **kwargs)
        return future
    with apart():
        future = real(pool, *args, **kwargs)
    participant = me.world.join("a process pool's job")
    future.add_done_callback(lambda _: participant.world.leave(participant))
    return future


def _take(row: _Row, participant: Participant, workers: int) -> None:
    with _turns:
        if row.taken < workers:
            row.taken += 1
        else:
            row.queued.append(participant)
            participant.world.idle(participant, waiting=True)


def _cancelled(future: Future[Any]) -> None:
    """Take out a job that no worker will ever have."""
    if future.cancelled():
        _over(future)


def _over(future: Future[Any]) -> None:
    if found := _jobs.pop(future, None):
        _done(*found)


def _done(row: _Row, participant: Participant) -> None:
    """Give the worker that is free now to the job that has waited longest."""
    with _turns:
        if participant in row.queued:
            row.queued.remove(participant)
        elif row.queued:
            first = row.queued.popleft()
            first.world.idle(first, waiting=False)
        else:
            row.taken -= 1
    participant.world.leave(participant)


def methods() -> tuple[tuple[type, str, Any], ...]:
    """Return (class, method, stand-in) of the pools that are loaded."""
    threads = ((ThreadPoolExecutor, "submit", submit), (thread._WorkItem, "run", run))
    process = sys.modules.get("concurrent.futures.process")
    return (*threads, (process.ProcessPoolExecutor, "submit", submit_elsewhere)) if process else threads
