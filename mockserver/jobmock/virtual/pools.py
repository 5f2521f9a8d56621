"""Pools that were there before, and pools of processes. A pool of threads that a participant begins needs no rule.

A job in a thread from outside takes part itself, from its submission to its end, as long as a worker can have it. A
job in another process or interpreter is something real. Each function here stands in for the method of the same name.
"""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, thread
from contextlib import suppress
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from . import real
from .current import apart, here, taking_part
from .endings import WorldEnded
from .participant import Participant
from .patching import Patches
from .selects import mirrored
from .sockets import outside
from .threads import participant_of
from .world import World


class _Row:
    """The jobs of one pool: how many a worker has or is about to take, and those for whom there is no worker yet."""

    def __init__(self) -> None:
        self.taken = 0
        self.queued: deque[Participant] = deque()


_mutex = real.Mutex()
_rows: WeakKeyDictionary[ThreadPoolExecutor, _Row] = WeakKeyDictionary()
_jobs: WeakKeyDictionary[Future[Any], tuple[_Row, Participant]] = WeakKeyDictionary()


def submit(real: Any, pool: ThreadPoolExecutor, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
    """ThreadPoolExecutor.submit: time doesn't move before a worker from outside that is free has begun the job."""
    me = here()
    if me is None or not _is_from_outside(pool, me.world):
        future: Future[Any] = real(pool, work, *args, **kwargs)
        return future
    if type(pool).__module__ == "concurrent.futures.interpreter":
        return submit_elsewhere(real, pool, work, *args, **kwargs)
    participant, row = me.world.join("a pool's job"), _rows.setdefault(pool, _Row())
    _take(row, participant, pool._max_workers)

    def taking(*args: Any, **kwargs: Any) -> Any:
        with taking_part(participant):
            return work(*args, **kwargs)

    try:
        with apart():
            future = real(pool, taking, *args, **kwargs)
    except BaseException:
        _done(row, participant)
        raise
    _jobs[future] = row, participant
    future.add_done_callback(_no_longer_run)
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
    """ProcessPoolExecutor.submit: what is done in another process is real."""
    me = here()
    if me is None:
        future: Future[Any] = real(pool, *args, **kwargs)
        return future
    with apart():
        future = real(pool, *args, **kwargs)
    me.world.pace.begin(future)
    future.add_done_callback(me.world.pace.end)
    return future


def begin_process_pool(real: Any, pool: Any, *args: Any, **kwargs: Any) -> None:
    """Pool.__init__ of multiprocessing: the threads that serve a pool of processes take no part."""
    if _has_threads(pool):
        real(pool, *args, **kwargs)
    else:
        with apart():
            real(pool, *args, **kwargs)


def begin_result(real: Any, result: Any, pool: Any, *args: Any, **kwargs: Any) -> None:
    """The result of a job of multiprocessing's pools: real, unless all that works for it takes part."""
    real(result, pool, *args, **kwargs)
    me = here()
    if me is not None and not _is_inside(pool, me.world):
        me.world.pace.watch(pool, lambda pool: bool(pool._cache))


def _idle(real: Any) -> Any:
    """Return what a pool's keeper waits with for its workers: nobody waits for that."""

    def wait_for_updates(sentinels: Any, notifier: Any, timeout: float | None = None) -> None:
        me = here()
        if me is None:
            real(sentinels, notifier, timeout)
            return
        with suppress(WorldEnded), mirrored(sentinels) as descriptor:
            me.world.wait(me, due=me.world.due_in(timeout), descriptors=(descriptor,))
        real(sentinels, notifier, 0)

    return wait_for_updates


def _is_from_outside(pool: ThreadPoolExecutor, world: World) -> bool:
    """Say whether any of a pool's workers was begun outside of this world."""
    return any(not _belongs(worker, world) for worker in tuple(pool._threads))


def _is_inside(pool: Any, world: World) -> bool:
    return _has_threads(pool) and all(_belongs(worker, world) for worker in tuple(pool._pool))


def _has_threads(pool: Any) -> bool:
    return isinstance(pool, sys.modules["multiprocessing.pool"].ThreadPool)


def _belongs(worker: Any, world: World) -> bool:
    participant = participant_of(worker)
    return participant is not None and participant.world is world


def _take(row: _Row, participant: Participant, workers: int) -> None:
    with _mutex:
        if row.taken < workers:
            row.taken += 1
        else:
            row.queued.append(participant)
            participant.world.rest(participant, waiting=True)


def _no_longer_run(future: Future[Any]) -> None:
    """Take out a job that no worker will ever have, or one that was run after its world's end, where no `run` is."""
    job = _jobs.get(future)
    if future.cancelled() or (job is not None and not job[1].world.active):
        _over(future)


def _over(future: Future[Any]) -> None:
    if found := _jobs.pop(future, None):
        _done(*found)


def _done(row: _Row, participant: Participant) -> None:
    """Give the worker that is free now to the job that has waited longest."""
    with _mutex:
        if participant in row.queued:
            row.queued.remove(participant)
        elif row.queued:
            first = row.queued.popleft()
            first.world.rest(first, waiting=False)
        else:
            row.taken -= 1
    participant.world.leave(participant)


def place(patches: Patches) -> None:
    """Put the stand-ins of pools of threads in place."""
    patches.method(ThreadPoolExecutor, "submit", submit)
    patches.method(thread._WorkItem, "run", run)


def place_process_pool(module: ModuleType, patches: Patches) -> None:
    """Do so for `concurrent.futures.process`."""
    patches.method(module.ProcessPoolExecutor, "submit", submit_elsewhere)


def place_interpreter_pool(module: ModuleType, patches: Patches) -> None:
    """Do so for `concurrent.futures.interpreter`: a worker waits for another interpreter."""
    patches.method(module.WorkerContext, "run", outside)


def place_multiprocessing_pool(module: ModuleType, patches: Patches) -> None:
    """Do so for `multiprocessing.pool`."""
    patches.method(module.Pool, "__init__", begin_process_pool)
    patches.method(module.ApplyResult, "__init__", begin_result)
    patches.method(module.IMapIterator, "__init__", begin_result)
    patches.attribute(module.Pool, "_wait_for_updates", staticmethod(_idle(module.Pool._wait_for_updates)))
