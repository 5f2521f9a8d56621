"""Groups of jobs that show the same at this moment, so that one of many equal jobs can be looked at.

The cost of a look grows with the jobs that have changed since the last one, and with the groups, not with the jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from heapq import heappop, heappush, nlargest
from itertools import count

from .jobs import Job
from .tracked_jobs import TrackedJobs

Name = str | None


class JobGroups:
    """The jobs of a namespace in groups. `kind` returns the name of a job's groups, and what else equal jobs share.

    Jobs of the same kind that are at the same step are in one group. Of each group the newest job is looked at.
    """

    def __init__(self, kind: Callable[[Job], tuple[Name, Hashable]], jobs: Iterable[Job]) -> None:
        self._kind, self._jobs, self._next_number = kind, TrackedJobs(), count()
        self._numbers: dict[str, int] = {}
        self._places: dict[str, tuple[Name, Hashable]] = {}
        """Job → the name and the key of its group."""
        self._groups: dict[Name, dict[Hashable, list[tuple[int, str]]]] = {}
        """Name → key → the group: a heap of negative numbers and ids. Jobs that have left it are removed late."""
        for job in jobs:
            self.add(job)

    def add(self, job: Job) -> None:
        """Add a job, which is newer than those before."""
        self._jobs[job.id] = job
        self._numbers[job.id] = next(self._next_number)

    def remove(self, job_id: str) -> None:
        """Remove a job."""
        del self._jobs[job_id], self._numbers[job_id]
        self._places.pop(job_id, None)

    def mark_changed(self, job_id: str) -> None:
        """Note that a job may be at another step than before."""
        self._jobs.mark_changed(job_id)

    def newest(self, names: Iterable[Name], now: int, most: int) -> list[Job]:
        """Return the newest job of each group with one of these names, newest first, of at most so many groups."""
        for job in self._jobs.pop_changed(now):
            self._move(job, now)
        heads = [head for name in set(names) for head in self._heads(name)]
        return [self._jobs[job_id] for _, job_id in nlargest(most, heads)]

    def _move(self, job: Job, now: int) -> None:
        """Put a job into the group where it belongs."""
        name, kind = self._kind(job)
        place = name, (kind, job.stage(now).number)
        if self._places.get(job.id) != place:
            self._places[job.id] = place
            group = self._groups.setdefault(name, {}).setdefault(place[1], [])
            heappush(group, (-self._numbers[job.id], job.id))

    def _heads(self, name: Name) -> list[tuple[int, str]]:
        """Return number and id of the newest job of each group with a name. Empty groups are removed."""
        heads, groups = list[tuple[int, str]](), self._groups.get(name, {})
        for key, group in tuple(groups.items()):
            while group and self._places.get(group[0][1]) != (name, key):
                heappop(group)
            if group:
                heads.append((-group[0][0], group[0][1]))
            else:
                del groups[key]
        if not groups:
            self._groups.pop(name, None)
        return heads
