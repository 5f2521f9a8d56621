"""Which jobs all namespaces have. A look-up takes the same time beside 10,000 namespaces as beside one."""

from __future__ import annotations

from collections.abc import Callable, Hashable

MAX_ALL_JOBS = 100_000
MAX_ALL_ID_LENGTHS = 64 << 20
MAX_DROPPED = 100_000
LONGEST_ID = 200
"""The ids of lost jobs are remembered up to this length."""


def _no_room(reason: str) -> bool:
    return False


class JobIndex:
    """How many open namespaces have a job with an id. `count` is the number of all jobs."""

    def __init__(self, most: int = MAX_ALL_JOBS, make_room: Callable[[str], bool] = _no_room) -> None:
        self._most, self._make_room = most, make_room
        self._owners: dict[str, int] = {}
        self._id_lengths = 0
        self.count = 0
        self.dropped = 0
        """How many jobs went because their namespace had too many."""
        self._dropped_jobs: dict[tuple[Hashable, str], None] = {}

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._owners

    def add(self, job_id: str) -> None:
        """Count a job. If there are too many, or their ids too long, `make_room` is called with the reason."""
        self._owners[job_id] = self._owners.get(job_id, 0) + 1
        self.count += 1
        self._id_lengths += len(job_id)
        while (reason := self._excess()) and self._make_room(reason):
            pass

    def _excess(self) -> str | None:
        """Return what is too much, in words, or None."""
        if self.count > self._most:
            return f"more than {self._most} jobs"
        return f"more than {MAX_ALL_ID_LENGTHS} bytes of job ids" if self._id_lengths > MAX_ALL_ID_LENGTHS else None

    def drop(self, owner: Hashable, job_id: str) -> None:
        """Forget a job because its owner has too many. The last 100,000 such jobs are remembered."""
        self.remove(job_id)
        self.dropped += 1
        if len(job_id) <= LONGEST_ID:
            self._dropped_jobs[owner, job_id] = None
        if len(self._dropped_jobs) > MAX_DROPPED:
            del self._dropped_jobs[next(iter(self._dropped_jobs))]

    def was_dropped(self, owner: Hashable, job_id: str) -> bool:
        """Return whether a job went because its owner had too many."""
        return (owner, job_id) in self._dropped_jobs

    def remove(self, job_id: str) -> None:
        """Forget one job with this id."""
        self.count -= 1
        self._id_lengths -= len(job_id)
        left = self._owners[job_id] - 1
        if left:
            self._owners[job_id] = left
        else:
            del self._owners[job_id]
