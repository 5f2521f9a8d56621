"""What a client did with one job of one key, at the end of its run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..engine.jobs import Job
from ..engine.journal import Journal
from ..engine.namespace import Namespace


class PlayedJob(NamedTuple):
    """The job that a client was given, all jobs and the journal of its key, and the reading of the clock at the end."""

    job: Job
    jobs: Mapping[str, Job]
    journal: Journal
    now: int

    @property
    def was_asked(self) -> bool:
        """Whether any request was about the job."""
        return any(exchange.job == self.job.id for exchange in self.journal)


def played_job(namespace: Namespace, job: Job) -> PlayedJob:
    """Return what the client of a key has done until now."""
    return PlayedJob(job, dict(namespace.jobs), namespace.journal.snapshot(), namespace.clock.now())
