"""The room that the jobs and scenarios of one namespace take: of its own, and of what all namespaces share."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from . import held_scenarios
from .held_scenarios import HeldScenarios
from .job_index import JobIndex
from .jobs import Job
from .progression import Plan

MAX_JOBS = 10_000
MAX_ID_LENGTHS = 4 << 20
"""Some APIs let a client choose the id of its job, and document no limit."""
_LOOKED_AT = 100
"""How many of the oldest jobs are looked at for one that has ended."""


class JobRoom:
    """Counts what jobs and scenarios of one namespace take, here and in the index of all namespaces."""

    def __init__(self, key: str, index: JobIndex) -> None:
        self._key, self._index, self._resets = key, index, 0
        self._id_lengths, self._scenarios = 0, HeldScenarios()

    def expect(self, job: Job) -> None:
        """Count a job here, before `add` counts it in the index: in between others may be dropped for it."""
        self._id_lengths += len(job.id)
        self._scenarios.add(job.plan)

    def add(self, job: Job) -> None:
        """Count an expected job in the index."""
        self._index.hold(job.plan)
        self._index.add(job.id)

    def remove(self, job: Job) -> None:
        """Count a job no longer."""
        self._index.remove(job.id)
        self._forget(job)

    def drop(self, job: Job) -> None:
        """Count a job no longer, and remember that it went because there were too many, or too large ones."""
        self._index.drop((self._key, self._resets), job.id)
        self._forget(job)

    def was_dropped(self, job_id: str) -> bool:
        """Return whether `drop` removed a job with this id since the last reset."""
        return self._index.was_dropped((self._key, self._resets), job_id)

    def replace(self, old: Plan | None, new: Plan | None) -> None:
        """Count a scenario in place of another one. None is no scenario."""
        if new is not None:
            self._scenarios.add(new)
            self._index.hold(new)
        if old is not None:
            self._scenarios.remove(old)
            self._index.release(old)

    def is_exceeded(self, jobs: int) -> bool:
        """Return whether so many jobs are too many, or too large ones.

        The scenarios may take as much more memory as the catalogue takes: jobs that play its scenarios share them.
        """
        if jobs > MAX_JOBS or self._id_lengths > MAX_ID_LENGTHS:
            return True
        excess = self._scenarios.bytes - held_scenarios.MAX_BYTES
        return excess > 0 and excess > self._index.catalogue_bytes()

    def reset(self) -> None:
        """Forget which jobs were dropped. All jobs must be removed before."""
        self._resets += 1

    def _forget(self, job: Job) -> None:
        self._id_lengths -= len(job.id)
        self._scenarios.remove(job.plan)
        self._index.release(job.plan)


def first_to_go(jobs: Iterable[Job], kept: Job, now: int) -> Job:
    """Return the oldest job that has ended, or the oldest one if the 100 oldest ones are running; never `kept`."""
    oldest = [job for job in islice(jobs, _LOOKED_AT) if job is not kept]
    return next((job for job in oldest if job.stage(now).after is None), oldest[0])
