"""The namespace of a bearer key: its own jobs, clock, rate limits, request counts, credits and journal."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from hashlib import blake2b
from itertools import islice

from ..clock import SECOND, Clock
from ..errors import UsageError
from ..models import Limit
from .closed_namespaces import NOTHING_REMAINS, ClosedNamespaces, Remains
from .credits import OPENING_BALANCE, Ledger
from .job_groups import JobGroups
from .job_index import JobIndex
from .jobs import Job
from .journal import Journal
from .journal_room import JournalRoom
from .lost_jobs import CLOSED, DROPPED
from .progression import Plan
from .rate_limits import Bucket
from .stored_answers import AnswerRoom, KeptReplies
from .tracked_jobs import TrackedJobs

MAX_NAMESPACES = 10_000
MAX_JOBS = 10_000
MAX_ID_LENGTHS = 4 << 20
"""Some APIs let a client choose the id of its job, and document no limit."""
_LOOKED_AT = 100
"""How many of the oldest jobs are looked at for one that has ended."""


class Namespace:
    """Everything that belongs to one key. The key itself is never shown."""

    def __init__(
        self, api: str, key: str, clock: Clock, *, seed: int = 0, key_plan: Plan | None = None,
        balance: int = OPENING_BALANCE, remains: Remains = NOTHING_REMAINS, index: JobIndex | None = None,
        room: JournalRoom | None = None, answers: AnswerRoom | None = None,
    ) -> None:  # fmt: skip
        self.api, self.key, self.clock = api, key, clock
        self.opened = 0
        """How many namespaces the server had opened then, with this one."""
        self.key_plan = key_plan
        """The scenario that the key itself names. It has priority over every other."""
        self.plan: Plan | None = None
        self.refused_by: dict[str, Plan] = {}  # the scenarios that refused a start, by name: no job shows them
        self.jobs: dict[str, Job] = {}
        self._id_lengths, self._index = 0, (JobIndex() if index is None else index)
        self.buckets: dict[tuple[str, Limit], Bucket] = {}
        self.requests: dict[str, int] = {}
        self.counting_since = clock.now()
        self.journal = Journal(before=remains.exchanges, shared=room)
        self.closed_jobs = remains.jobs
        """Jobs of this key that went when its namespace before this one was closed."""
        self.credits = Ledger(balance)
        self.open_charges = TrackedJobs()
        """Jobs that may still be charged, or refunded."""
        self._job_groups: JobGroups | None = None
        self.answers = AnswerRoom() if answers is None else answers
        self.kept_replies = KeptReplies(self.answers)
        self._seed, self._ids, self._resets = seed, 0, 0

    def use(self, plan: Plan) -> None:
        """Play `plan` for jobs started from now on, and count requests from 1 again.

        A scenario that the key itself names has priority.
        """
        self.plan = plan
        self.requests.clear()
        self.counting_since = self.clock.now()

    def add(self, job: Job) -> None:
        """Add a job. Raises UsageError where its id is taken.

        Above 10,000 jobs, or 4 MiB of ids, the oldest one goes that has ended, or the oldest one if the 100 oldest ones
        are running.
        """
        if job.id in self.jobs:
            raise UsageError(f"The id {job.id!r} is taken by another job of this key.")
        self._id_lengths += len(job.id)
        while self.jobs and (len(self.jobs) >= MAX_JOBS or self._id_lengths > MAX_ID_LENGTHS):
            self._drop_job()
        self.jobs[job.id] = job
        self._index.add(job.id)
        if self._job_groups is not None:
            self._job_groups.add(job)

    def why_lost(self, job_id: str) -> str | None:
        """Return the note about a job that the server lost; None for a job that this key never had."""
        if job_id in self.closed_jobs:
            return CLOSED
        return DROPPED if self._index.was_dropped(self._owner, job_id) else None

    @property
    def _owner(self) -> tuple[str, int]:
        """The owner of dropped jobs: after a reset it is another."""
        return self.key, self._resets

    def mark_changed(self, job_id: str) -> None:
        """Note that a job may be at another step than before."""
        self.open_charges.mark_changed(job_id)
        if self._job_groups is not None:
            self._job_groups.mark_changed(job_id)

    def job_groups(self, kind: Callable[[Job], tuple[str | None, Hashable]]) -> JobGroups:
        """Return the jobs in groups by kind. They are made at the first call, and then kept up to date."""
        if self._job_groups is None:
            self._job_groups = JobGroups(kind, self.jobs.values())
        return self._job_groups

    def close(self) -> None:
        """Give back what it shares with other namespaces. Nothing may be added afterwards."""
        self._release_jobs()
        self._index = JobIndex()
        self.journal.close()

    def _release_jobs(self) -> None:
        """Give back what jobs and kept replies share with those of other namespaces."""
        for job in self.jobs.values():
            self._index.remove(job.id)
            self.answers.remove(job)
        self.kept_replies.clear()
        self._id_lengths = 0

    def _drop_job(self) -> None:
        now, oldest = self.clock.now(), tuple(islice(self.jobs.values(), _LOOKED_AT))
        dropped = next((job for job in oldest if job.stage(now).after is None), oldest[0])
        del self.jobs[dropped.id]
        self._id_lengths -= len(dropped.id)
        if dropped.id in self.open_charges:
            del self.open_charges[dropped.id]
        if self._job_groups is not None:
            self._job_groups.remove(dropped.id)
        self._index.drop(self._owner, dropped.id)
        self.answers.remove(dropped)

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
        self._release_jobs()
        for content in (self.jobs, self.buckets, self.requests, self.open_charges, self.refused_by):
            content.clear()
        self._job_groups = None
        self.closed_jobs = frozenset()
        self._resets += 1
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
        self.closed, self._opened = ClosedNamespaces(), 0
        self.jobs, self.room, self.answers = JobIndex(make_room=self._close_oldest), JournalRoom(), AnswerRoom()
        """What all namespaces share: the index of their jobs, the room of their journals and of their answers."""
        self.opening: dict[str, int] = {}
        """The opening balance of new namespaces, by API."""
        self.outside = Journal()
        """The exchanges without a namespace."""

    def __iter__(self) -> Iterator[Namespace]:
        return iter(tuple(self._open.values()))

    @property
    def evicted(self) -> int:
        """How many namespaces were closed to make room."""
        return self.closed.count

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
        namespace = Namespace(
            api, key, self._new_clock(), seed=self._seed, key_plan=plan, balance=balance,
            remains=self.closed.take(key), index=self.jobs, room=self.room,
            answers=self.answers,
        )  # fmt: skip
        self._open[key] = namespace
        self._opened += 1
        namespace.opened = self._opened
        while len(self._open) > self._most:
            self._close_oldest(f"more than {self._most} namespaces")
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

    def _close_oldest(self, reason: str) -> bool:
        """Close the least recently used namespace. Returns False if it is the only one."""
        if len(self._open) < 2:
            return False
        closed = self._open.popitem(last=False)[1]
        self.closed.add(closed.key, closed.closed_jobs.union(closed.jobs), closed.journal.count, reason)
        closed.close()
        return True
