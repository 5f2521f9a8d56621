"""Jobs that may still be charged, or refunded: which of them may have changed since they were last looked at.

A job moves when it is polled or given other steps, which is told by `moved`, and when its step's time is up, which is
known beforehand. So a settlement costs as much as has changed, whatever the number of jobs that wait.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count

from .jobs import Job
from .progression import settle


class Unsettled(dict[str, Job]):
    """The jobs by id, in the order in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self._moved: set[str] = set()
        self._due: list[tuple[int, str]] = []
        self._places: dict[str, int] = {}
        self._came = count()

    def __setitem__(self, job_id: str, job: Job) -> None:
        if job_id not in self:
            self._places[job_id] = next(self._came)
        super().__setitem__(job_id, job)
        self.moved(job_id)

    def __delitem__(self, job_id: str) -> None:
        super().__delitem__(job_id)
        del self._places[job_id]
        self._moved.discard(job_id)

    def clear(self) -> None:
        """Forget every job."""
        super().clear()
        self._places.clear()
        self._moved.clear()
        self._due.clear()

    def moved(self, job_id: str) -> None:
        """Note that a job may be at another step than before; one that isn't here is no matter."""
        if job_id in self:
            self._moved.add(job_id)

    def changed(self, now: int) -> list[Job]:
        """Return the jobs that may have moved by `now`, in the order in which they came; the next time only later ones.

        They stay here, and come again when they have moved again.
        """
        while self._due and self._due[0][0] <= now:
            self.moved(heappop(self._due)[1])
        found = [self[job_id] for job_id in sorted(self._moved, key=self._places.__getitem__)]
        self._moved.clear()
        for job in found:
            self._await(job, now)
        return found

    def _await(self, job: Job, now: int) -> None:
        """Note when the time of a job's step is up, if it is of that kind."""
        step, entered, _ = settle(job.plan.stages, job.state, now)
        after = job.plan.stages[step].after
        if after is not None and after.time is not None:
            heappush(self._due, (entered + after.time, job.id))
