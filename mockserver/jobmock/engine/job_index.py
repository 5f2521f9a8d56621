"""Which jobs all namespaces have. A look-up takes the same time beside 10,000 namespaces as beside one."""

from __future__ import annotations

from collections.abc import Callable

MAX_ALL_JOBS = 100_000
MAX_ALL_ID_LENGTHS = 64 << 20


def _no_room() -> bool:
    return False


class JobIndex:
    """How many open namespaces have a job with an id. `count` is the number of all jobs."""

    def __init__(self, most: int = MAX_ALL_JOBS, make_room: Callable[[], bool] = _no_room) -> None:
        self._most, self._make_room = most, make_room
        self._owners: dict[str, int] = {}
        self._id_lengths = 0
        self.count = 0
        self.dropped = 0
        """How many jobs went because their namespace had too many."""

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._owners

    def add(self, job_id: str) -> None:
        """Count a job. If there are too many, or their ids too long, `make_room` is called until it returns False."""
        self._owners[job_id] = self._owners.get(job_id, 0) + 1
        self.count += 1
        self._id_lengths += len(job_id)
        while (self.count > self._most or self._id_lengths > MAX_ALL_ID_LENGTHS) and self._make_room():
            pass

    def remove(self, job_id: str) -> None:
        """Forget one job with this id."""
        self.count -= 1
        self._id_lengths -= len(job_id)
        left = self._owners[job_id] - 1
        if left:
            self._owners[job_id] = left
        else:
            del self._owners[job_id]
