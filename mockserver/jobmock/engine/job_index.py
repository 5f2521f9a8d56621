"""Which jobs and scenarios all namespaces have. A look-up takes the same time beside 10,000 as beside one."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from . import held_scenarios
from .held_scenarios import HeldScenarios
from .progression import Plan
from .unique_ids import KeyedIds

MAX_ALL_JOBS = 100_000
MAX_ALL_ID_LENGTHS = 64 << 20
MAX_DROPPED = 100_000
LONGEST_ID = 200
"""The ids of lost jobs are remembered up to this length."""


def _no_room(reason: str) -> bool:
    return False


def _no_bytes() -> int:
    return 0


class JobIndex:
    """How many open namespaces have a job with an id. `count` is the number of all jobs."""

    def __init__(
        self, most: int = MAX_ALL_JOBS, make_room: Callable[[str], bool] = _no_room, id_secret: str | None = None
    ) -> None:  # fmt: skip
        self._most, self._make_room = most, make_room
        self._owners: dict[str, int] = {}
        self._id_lengths, self._scenarios = 0, HeldScenarios()
        self.count = 0
        self.dropped = 0
        """How many jobs went because their namespace had too many, or too large ones."""
        self.catalogue_bytes: Callable[[], int] = _no_bytes
        """Returns how much memory the catalogue's scenarios take. Jobs that play them take no more for that."""
        self._dropped_jobs: dict[tuple[Hashable, str], None] = {}
        self.keyed_ids = None if id_secret is None else KeyedIds(id_secret)
        """Makes ids that other servers with the same secret know."""

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._owners

    def is_of_another_key(self, job_id: str, key: str) -> bool:
        """Return whether a job that a key doesn't have is another key's: here, or at a server with the same secret."""
        return job_id in self or (self.keyed_ids is not None and self.keyed_ids.is_of_another_key(job_id, key))

    def add(self, job_id: str) -> None:
        """Count a job. If there are too many, or their ids too long, namespaces are closed."""
        self._owners[job_id] = self._owners.get(job_id, 0) + 1
        self.count += 1
        self._id_lengths += len(job_id)
        self._close_namespaces()

    def hold(self, plan: Plan) -> None:
        """Count a holder of a scenario: a job or a namespace. If all take too much memory, namespaces are closed."""
        self._scenarios.add(plan)
        self._close_namespaces()

    def release(self, plan: Plan) -> None:
        """Count a holder of a scenario no longer."""
        self._scenarios.remove(plan)

    def _close_namespaces(self) -> None:
        """Call `make_room` with the reason until there is nothing too much, or it can't make any."""
        while (reason := self._excess()) and self._make_room(reason):
            pass

    def _excess(self) -> str | None:
        """Return what is too much, in words, or None."""
        if self.count > self._most:
            return f"more than {self._most} jobs"
        if self._id_lengths > MAX_ALL_ID_LENGTHS:
            return f"more than {MAX_ALL_ID_LENGTHS} bytes of job ids"
        most = held_scenarios.MAX_ALL_BYTES
        excess = self._scenarios.bytes - most
        return f"more than {most} bytes of scenarios" if excess > 0 and excess > self.catalogue_bytes() else None

    def drop(self, owner: Hashable, job_id: str) -> None:
        """Forget a job because its owner has too many, or too large ones. The last 100,000 such jobs are remembered."""
        self.remove(job_id)
        self.dropped += 1
        if len(job_id) <= LONGEST_ID:
            self._dropped_jobs[owner, job_id] = None
        if len(self._dropped_jobs) > MAX_DROPPED:
            del self._dropped_jobs[next(iter(self._dropped_jobs))]

    def was_dropped(self, owner: Hashable, job_id: str) -> bool:
        """Return whether `drop` removed a job of this owner."""
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
