"""Jobs, and which of them have changed since they were last looked at, such as at the last settlement.

A job changes when it is polled or gets other steps (the caller reports that with `mark_changed`), and when the time of
its step ends (known in advance). So the cost of a look grows with the changes, not with the number of jobs.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count

from .jobs import Job
from .progression import settle


class TrackedJobs(dict[str, Job]):
    """The jobs by id, in the order in which they were added."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: set[str] = set()
        self._due: list[tuple[int, str]] = []
        self._positions: dict[str, int] = {}
        self._next_position = count()

    def __setitem__(self, job_id: str, job: Job) -> None:
        if job_id not in self:
            self._positions[job_id] = next(self._next_position)
        super().__setitem__(job_id, job)
        self.mark_changed(job_id)

    def __delitem__(self, job_id: str) -> None:
        super().__delitem__(job_id)
        del self._positions[job_id]
        self._changed.discard(job_id)

    def clear(self) -> None:
        """Forget every job."""
        super().clear()
        self._positions.clear()
        self._changed.clear()
        self._due.clear()

    def mark_changed(self, job_id: str) -> None:
        """Note that a job may be at another step than before. A job that isn't here is ignored."""
        if job_id in self:
            self._changed.add(job_id)

    def pop_changed(self, now: int) -> list[Job]:
        """Return the jobs that have changed since the last call, in the order in which they were added.

        They stay here, and are returned again when they change again.
        """
        while self._due and self._due[0][0] <= now:
            self.mark_changed(heappop(self._due)[1])
        found = [self[job_id] for job_id in sorted(self._changed, key=self._positions.__getitem__)]
        self._changed.clear()
        for job in found:
            self._schedule(job, now)
        return found

    def _schedule(self, job: Job, now: int) -> None:
        """Remember when the job's step ends, if it ends by time."""
        step, entered, _ = settle(job.plan.stages, job.state, now)
        after = job.plan.stages[step].after
        if after is not None and after.time is not None:
            heappush(self._due, (entered + after.time, job.id))
