"""Jobs of a thread pool: each takes part from its submission to its end, as long as a worker can have it.

Each function here stands in for the method of the same name; `real` is that method.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, thread
from typing import Any
from weakref import WeakKeyDictionary

from .sites import spared
from .world import Participant, apart, here, taking_part

_at_work = threading.local()


class _Row:
    """The jobs of one pool: how many a worker has or is about to take, and those for whom there is no worker yet."""

    def __init__(self) -> None:
        self.taken = 0
        self.queued: deque[Participant] = deque()


_rows: WeakKeyDictionary[ThreadPoolExecutor, _Row] = WeakKeyDictionary()
_waiting: WeakKeyDictionary[Future[Any], tuple[_Row, Participant]] = WeakKeyDictionary()


def submit(real: Any, pool: ThreadPoolExecutor, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
    """ThreadPoolExecutor.submit: time doesn't move before a worker that is free has begun the job."""
    me = here()
    if me is None or spared(2):
        future: Future[Any] = real(pool, work, *args, **kwargs)
        return future
    participant, row = me.world.join("a pool's job"), _rows.setdefault(pool, _Row())
    if row.taken < pool._max_workers:
        row.taken += 1
    else:
        row.queued.append(participant)
        me.world.idle(participant, waiting=True)

    def taking(*args: Any, **kwargs: Any) -> Any:
        _at_work.job = row, participant
        with taking_part(participant, leaving=False):
            return work(*args, **kwargs)

    with apart():
        future = real(pool, taking, *args, **kwargs)
    _waiting[future] = row, participant
    return future


def run(real: Any, job: Any, *args: Any) -> None:
    """The run of a pool's job: it leaves only when whoever waits for its result has been told."""
    try:
        real(job, *args)
    finally:
        row, participant = _at_work.__dict__.pop("job", None) or _waiting.get(job.future, (None, None))
        if row is not None:
            _next(row, participant)
            participant.world.leave(participant)


def _next(row: _Row, done: Participant) -> None:
    """Give the worker that is free now to the job that has waited longest."""
    if done in row.queued:
        row.queued.remove(done)
    elif row.queued:
        first = row.queued.popleft()
        first.world.idle(first, waiting=False)
    else:
        row.taken -= 1


METHODS = ((ThreadPoolExecutor, "submit", submit), (thread._WorkItem, "run", run))
