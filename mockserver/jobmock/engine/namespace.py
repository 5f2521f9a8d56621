"""The namespace of a bearer key: its own jobs, clock, rate limits, request counts, credits and journal."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

from ..clock import SECOND, Clock
from ..errors import UsageError
from ..models import Limit
from .charges import OpenCharges
from .closed_namespaces import NOTHING_REMAINS, ClosedNamespaces, Remains
from .credits import OPENING_BALANCE, Ledger
from .jobs import Job
from .journal import Journal
from .progression import Plan
from .rate_limits import Bucket

MAX_NAMESPACES = 10_000


class Namespace:
    """Everything that belongs to one key. The key itself is never shown."""

    def __init__(
        self, api: str, key: str, clock: Clock, *, seed: int = 0, key_plan: Plan | None = None,
        balance: int = OPENING_BALANCE, remains: Remains = NOTHING_REMAINS,
    ) -> None:  # fmt: skip
        self.api, self.key, self.clock = api, key, clock
        self.key_plan = key_plan
        """The scenario that the key itself names. It has priority over every other."""
        self.plan: Plan | None = None
        self.jobs: dict[str, Job] = {}
        self.buckets: dict[tuple[str, Limit], Bucket] = {}
        self.requests: dict[str, int] = {}
        self.counting_since = clock.now()
        self.journal = Journal(before=remains.exchanges)
        self.closed_jobs = remains.jobs
        """Jobs of this key that went when its namespace before this one was closed."""
        self.credits = Ledger(balance)
        self.open_charges = OpenCharges()
        """Jobs that may still be charged, or refunded."""
        self.answered: dict[tuple[str, str], Any] = {}
        """(Operation, idempotency key) → what the API stored with the first answer."""
        self._seed, self._ids = seed, 0

    def use(self, plan: Plan) -> None:
        """Play `plan` for jobs started from now on, and count requests from 1 again.

        A scenario that the key itself names has priority.
        """
        self.plan = plan
        self.requests.clear()
        self.counting_since = self.clock.now()

    def add(self, job: Job) -> None:
        """Add a job. Raises UsageError where its id is taken."""
        if job.id in self.jobs:
            raise UsageError(f"The id {job.id!r} is taken by another job of this key.")
        self.jobs[job.id] = job

    def unique(self, kind: str) -> str:
        """Return a new UUID. It depends only on the server's seed, the key, `kind` and the number of earlier calls."""
        from uuid import UUID

        self._ids += 1
        salt = f"{self._seed}/{self.key}/{kind}/{self._ids}"
        return str(UUID(bytes=blake2b(salt.encode(), digest_size=16).digest(), version=4))

    def bucket(self, operation: str, limit: Limit) -> Bucket:
        """Return the bucket that counts an operation's requests under a limit."""
        bucket = self.buckets.get((operation, limit))
        if bucket is None:
            bucket = self.buckets[operation, limit] = Bucket(limit)
        return bucket

    def reset(self, start: int | None = None) -> dict[str, float]:
        """Remove everything but the default scenario, and return how much of each was removed.

        The clock restarts at `start`, by default at its first start. `clock` is returned in elapsed seconds, `credits`
        as the number of spent credits. New jobs get the same ids as before.
        """
        cleared = {
            "jobs": len(self.jobs), "clock": self.clock.elapsed / SECOND, "buckets": len(self.buckets),
            "credits": max(0, self.credits.opening - self.credits.balance), "journal": self.journal.clear(),
        }  # fmt: skip
        for content in (self.jobs, self.buckets, self.requests, self.open_charges, self.answered):
            content.clear()
        self.closed_jobs = frozenset()
        self._ids = 0
        self.credits.reset()
        self.clock.restart(start)
        self.counting_since = self.clock.now()
        return cleared


class Namespaces:
    """All namespaces, least recently used first. Above `most` the first one is closed, logged and counted."""

    def __init__(self, *, clock: Callable[[], Clock], seed: int = 0, most: int = MAX_NAMESPACES) -> None:
        self._open: OrderedDict[str, Namespace] = OrderedDict()
        self._make_clock, self._seed, self._most = clock, seed, most
        self.clock = clock()
        """The clock of exchanges without a namespace."""
        self._clock_mode: tuple[str, float] | None = None
        self._closed = ClosedNamespaces(most)
        self.opening: dict[str, int] = {}
        """The opening balance of new namespaces, by API."""
        self.outside = Journal()
        """The exchanges without a namespace."""

    def __iter__(self) -> Iterator[Namespace]:
        return iter(tuple(self._open.values()))

    @property
    def evicted(self) -> int:
        """How many namespaces were closed to make room."""
        return self._closed.count

    def __len__(self) -> int:
        return len(self._open)

    def get(self, key: str) -> Namespace | None:
        """Return the namespace of a key and mark it as used, or None."""
        namespace = self._open.get(key)
        if namespace is not None:
            self._open.move_to_end(key)
        return namespace

    def open(self, api: str, key: str, plan: Plan | None) -> Namespace:
        """Open the namespace of a new key."""
        balance = self.opening.get(api, OPENING_BALANCE)
        remains = self._closed.take(key)
        namespace = Namespace(
            api, key, self._new_clock(), seed=self._seed, key_plan=plan, balance=balance, remains=remains
        )
        self._open[key] = namespace
        while len(self._open) > self._most:
            closed = self._open.popitem(last=False)[1]
            self._closed.add(closed.key, closed.closed_jobs.union(closed.jobs), closed.journal.count)
        return namespace

    def peek(self, key: str) -> Namespace | None:
        """Return the namespace of a key without marking it as used, or None."""
        return self._open.get(key)

    def set_clocks(self, mode: str, speed: float) -> None:
        """Set the shared clock and the clocks of new namespaces."""
        self.clock.set(mode, speed)
        self._clock_mode = (mode, speed)

    def _new_clock(self) -> Clock:
        clock = self._make_clock()
        if self._clock_mode:
            clock.set(*self._clock_mode)
            clock.restart()
        return clock

    def has_job(self, job_id: str) -> bool:
        """Return whether any namespace has a job with this id."""
        return any(job_id in namespace.jobs for namespace in self._open.values())
