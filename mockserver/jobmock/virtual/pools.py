"""Pools of threads that are older than the test, and pools of processes.

A pool of threads that a participant starts needs no rule. A job in an external thread takes part itself, from its
submission to its end, if a worker is free for it. A job in another process or interpreter is external work. Each
function here replaces the method of the same name.
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
from .current import in_real_time
from .exceptions import VirtualTimeEnded
from .external_calls import external_call
from .participant import Participant, add_participant, current_participant, participating_as
from .patching import Patches
from .scheduler import Scheduler
from .selects import combined_descriptor
from .threads import participant_of


class _PoolQueue:
    """The jobs of one pool: how many have a worker or are about to get one, and which have none yet."""

    def __init__(self) -> None:
        self.running = 0
        self.queued: deque[Participant] = deque()


_mutex = real.Mutex()
_queues: WeakKeyDictionary[ThreadPoolExecutor, _PoolQueue] = WeakKeyDictionary()
_jobs: WeakKeyDictionary[Future[Any], tuple[_PoolQueue, Participant]] = WeakKeyDictionary()


def submit(real: Any, pool: ThreadPoolExecutor, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
    """ThreadPoolExecutor.submit: the clock doesn't move before a free external worker has begun the job."""
    me = current_participant()
    if me is None or not _has_external_workers(pool, me.scheduler):
        future: Future[Any] = real(pool, work, *args, **kwargs)
        return future
    if type(pool).__module__ == "concurrent.futures.interpreter":
        return submit_external(real, pool, work, *args, **kwargs)
    participant, queue = add_participant(me.scheduler, "a pool's job"), _queues.setdefault(pool, _PoolQueue())
    _assign_worker(queue, participant, pool._max_workers)

    def run_as_participant(*args: Any, **kwargs: Any) -> Any:
        with participating_as(participant):
            return work(*args, **kwargs)

    try:
        with in_real_time():
            future = real(pool, run_as_participant, *args, **kwargs)
    except BaseException:
        _release_worker(queue, participant)
        raise
    _jobs[future] = queue, participant
    future.add_done_callback(_remove_unrun)
    if future.done():
        _finish(future)
    return future


def run(real: Any, job: Any, *args: Any) -> None:
    """A pool's job: it stops taking part only after its result is set."""
    future = job.future
    try:
        real(job, *args)
    finally:
        _finish(future)


def submit_external(real: Any, pool: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
    """ProcessPoolExecutor.submit: work in another process is external work."""
    me = current_participant()
    if me is None:
        future: Future[Any] = real(pool, *args, **kwargs)
        return future
    with in_real_time():
        future = real(pool, *args, **kwargs)
    me.scheduler.external.begin(future)
    future.add_done_callback(me.scheduler.external.end)
    return future


def init_pool(real: Any, pool: Any, *args: Any, **kwargs: Any) -> None:
    """multiprocessing's Pool.__init__: the threads that serve a pool of processes take no part."""
    if _has_threads(pool):
        real(pool, *args, **kwargs)
    else:
        with in_real_time():
            real(pool, *args, **kwargs)


def init_result(real: Any, result: Any, pool: Any, *args: Any, **kwargs: Any) -> None:
    """The result of a job in a multiprocessing pool: external work, unless all its workers take part."""
    real(result, pool, *args, **kwargs)
    me = current_participant()
    if me is not None and not _has_only_participants(pool, me.scheduler):
        me.scheduler.external.watch(pool, lambda pool: bool(pool._cache))


def _make_idle_wait(real: Any) -> Any:
    """Return the replacement for how a pool's supervisor waits for its workers. No test waits for the supervisor."""

    def wait_for_updates(sentinels: Any, notifier: Any, timeout: float | None = None) -> None:
        me = current_participant()
        if me is None:
            real(sentinels, notifier, timeout)
            return
        with suppress(VirtualTimeEnded), combined_descriptor(sentinels) as descriptor:
            me.scheduler.wait(me, deadline=me.scheduler.deadline_in(timeout), descriptors=(descriptor,))
        real(sentinels, notifier, 0)

    return wait_for_updates


def _has_external_workers(pool: ThreadPoolExecutor, scheduler: Scheduler) -> bool:
    """Return whether any of a pool's workers isn't a participant of this scheduler."""
    return any(not _participates_in(worker, scheduler) for worker in tuple(pool._threads))


def _has_only_participants(pool: Any, scheduler: Scheduler) -> bool:
    return _has_threads(pool) and all(_participates_in(worker, scheduler) for worker in tuple(pool._pool))


def _has_threads(pool: Any) -> bool:
    return isinstance(pool, sys.modules["multiprocessing.pool"].ThreadPool)


def _participates_in(worker: Any, scheduler: Scheduler) -> bool:
    participant = participant_of(worker)
    return participant is not None and participant.scheduler is scheduler


def _assign_worker(queue: _PoolQueue, participant: Participant, workers: int) -> None:
    with _mutex:
        if queue.running < workers:
            queue.running += 1
        else:
            queue.queued.append(participant)
            participant.scheduler.set_waiting(participant, waiting=True)


def _remove_unrun(future: Future[Any]) -> None:
    """Remove a cancelled job, or one that has run after virtual time ended, where `run` isn't replaced."""
    job = _jobs.get(future)
    if future.cancelled() or (job is not None and not job[1].scheduler.active):
        _finish(future)


def _finish(future: Future[Any]) -> None:
    if found := _jobs.pop(future, None):
        _release_worker(*found)


def _release_worker(queue: _PoolQueue, participant: Participant) -> None:
    """Give a free worker to the job that has waited longest."""
    with _mutex:
        if participant in queue.queued:
            queue.queued.remove(participant)
        elif queue.queued:
            first = queue.queued.popleft()
            first.scheduler.set_waiting(first, waiting=False)
        else:
            queue.running -= 1
    participant.scheduler.leave(participant)


def patch(patches: Patches) -> None:
    """Replace the methods of pools of threads."""
    patches.method(ThreadPoolExecutor, "submit", submit)
    patches.method(thread._WorkItem, "run", run)


def patch_process_pool(module: ModuleType, patches: Patches) -> None:
    """Replace methods of `concurrent.futures.process`."""
    patches.method(module.ProcessPoolExecutor, "submit", submit_external)


def patch_interpreter_pool(module: ModuleType, patches: Patches) -> None:
    """Replace methods of `concurrent.futures.interpreter`: a worker waits for another interpreter."""
    patches.method(module.WorkerContext, "run", external_call)


def patch_multiprocessing_pool(module: ModuleType, patches: Patches) -> None:
    """Replace methods of `multiprocessing.pool`."""
    patches.method(module.Pool, "__init__", init_pool)
    patches.method(module.ApplyResult, "__init__", init_result)
    patches.method(module.IMapIterator, "__init__", init_result)
    patches.attribute(module.Pool, "_wait_for_updates", staticmethod(_make_idle_wait(module.Pool._wait_for_updates)))
