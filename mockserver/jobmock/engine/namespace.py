"""Isolated worlds, one for each bearer key: jobs, clock, buckets, faults' counters, journal. Nothing is shared."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

from ..clock import SECOND, Clock
from ..errors import UsageError
from ..models import Limit
from .charges import Unsettled
from .credits import OPENING_BALANCE, Ledger
from .jobs import Job
from .journal import Journal
from .progression import Plan
from .rate_limits import Bucket

MAX_NAMESPACES = 10_000
_log = logging.getLogger("jobmock")


class Namespace:
    """One isolated world. `key` never leaves it."""

    def __init__(
        self, api: str, key: str, clock: Clock, *, seed: int = 0, key_plan: Plan | None = None,
        balance: int = OPENING_BALANCE,
    ) -> None:  # fmt: skip
        self.api, self.key, self.clock = api, key, clock
        self.key_plan = key_plan
        """The scenario that the key itself names; it goes before any other."""
        self.plan: Plan | None = None
        self.jobs: dict[str, Job] = {}
        self.buckets: dict[tuple[str, Limit], Bucket] = {}
        self.requests: dict[str, int] = {}
        self.counting_since = clock.now()
        self.journal = Journal()
        self.credits = Ledger(balance)
        self.unsettled = Unsettled()
        """Jobs that may still be charged, or refunded."""
        self.answered: dict[tuple[str, str], Any] = {}
        """What an idempotency key was answered with: (operation, key) → the dialect's own record."""
        self._seed, self._ids = seed, 0

    def use(self, plan: Plan) -> None:
        """Play `plan` for jobs started from now on, and count the requests of its faults anew.

        A scenario that the key itself names goes before it.
        """
        self.plan = plan
        self.requests.clear()
        self.counting_since = self.clock.now()

    def add(self, job: Job) -> None:
        """Put a job into this world. Raises UsageError where its id is taken."""
        if job.id in self.jobs:
            raise UsageError(f"The id {job.id!r} is taken by another job of this key.")
        self.jobs[job.id] = job

    def unique(self, what: str) -> str:
        """Return a UUID that nothing but the server's seed, the key and the number of such calls decides."""
        from uuid import UUID

        self._ids += 1
        salt = f"{self._seed}/{self.key}/{what}/{self._ids}"
        return str(UUID(bytes=blake2b(salt.encode(), digest_size=16).digest(), version=4))

    def bucket(self, operation: str, limit: Limit) -> Bucket:
        """Return the bucket of an operation under a limit; another limit has one of its own."""
        bucket = self.buckets.get((operation, limit))
        if bucket is None:
            bucket = self.buckets[operation, limit] = Bucket(limit)
        return bucket

    def reset(self, start: int | None = None) -> dict[str, float]:
        """Begin anew, with the same default scenario and the same ids. Returns how much of each thing was cleared.

        The clock begins at `start`, by default where it began first. What it had gone is returned in seconds, and
        `credits` are those that were gone.
        """
        cleared = {
            "jobs": len(self.jobs), "clock": self.clock.elapsed / SECOND, "buckets": len(self.buckets),
            "credits": max(0, self.credits.opening - self.credits.balance), "journal": self.journal.clear(),
        }  # fmt: skip
        for held in (self.jobs, self.buckets, self.requests, self.unsettled, self.answered):
            held.clear()
        self._ids = 0
        self.credits.reset()
        self.clock.restart(start)
        self.counting_since = self.clock.now()
        return cleared


class Namespaces:
    """The open namespaces, least recently used first; past `most` that one goes, with a log line and a count."""

    def __init__(self, *, clock: Callable[[], Clock], seed: int = 0, most: int = MAX_NAMESPACES) -> None:
        self._open: OrderedDict[str, Namespace] = OrderedDict()
        self._make_clock, self._seed, self._most = clock, seed, most
        self.clock = clock()
        """The clock of exchanges that no namespace was opened for."""
        self._set: tuple[str, float] | None = None
        self.evicted = 0
        self.opening: dict[str, int] = {}
        """Credits that namespaces to come begin with, by API."""
        self.outside = Journal()
        """Exchanges that no namespace was opened for."""

    def __iter__(self) -> Iterator[Namespace]:
        return iter(tuple(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def get(self, key: str) -> Namespace | None:
        """Return the open namespace of a key, and count that as a use of it."""
        namespace = self._open.get(key)
        if namespace is not None:
            self._open.move_to_end(key)
        return namespace

    def open(self, api: str, key: str, plan: Plan | None) -> Namespace:
        """Open the namespace of a key seen for the first time."""
        balance = self.opening.get(api, OPENING_BALANCE)
        namespace = Namespace(api, key, self._new_clock(), seed=self._seed, key_plan=plan, balance=balance)
        self._open[key] = namespace
        while len(self._open) > self._most:
            self._open.popitem(last=False)
            self.evicted += 1
            _log.warning("More than %d namespaces: the least recently used one was closed.", self._most)
        return namespace

    def peek(self, key: str) -> Namespace | None:
        """Return the open namespace of a key, without counting that as a use of it."""
        return self._open.get(key)

    def set_clocks(self, mode: str, speed: float) -> None:
        """Set the shared clock, and those of namespaces to come."""
        self.clock.set(mode, speed)
        self._set = (mode, speed)

    def _new_clock(self) -> Clock:
        clock = self._make_clock()
        if self._set:
            clock.set(*self._set)
            clock.restart()
        return clock

    def has_job(self, job_id: str) -> bool:
        """Say whether any namespace has a job of that id."""
        return any(job_id in namespace.jobs for namespace in self._open.values())
