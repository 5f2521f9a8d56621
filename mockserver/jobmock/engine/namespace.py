"""The namespace of a bearer key: its own jobs, clock, rate limits, request counts, credits and journal."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator

from ..clock import SECOND, Clock
from ..errors import UsageError
from ..models import Limit
from .closed_namespaces import NOTHING_REMAINS, ClosedNamespaces, Remains
from .credits import OPENING_BALANCE, Ledger
from .job_groups import JobGroups
from .job_index import JobIndex
from .job_room import JobRoom, first_to_go
from .jobs import Job
from .journal import Journal
from .journal_room import JournalRoom, Leaving
from .lost_jobs import CLOSED, DROPPED
from .progression import Plan
from .public_names import PublicNames
from .rate_limits import Bucket
from .stored_answers import AnswerRoom, KeptReplies
from .tracked_jobs import TrackedJobs
from .unique_ids import UniqueIds

MAX_NAMESPACES = 10_000


class Namespace:
    """Everything that belongs to one key. The key itself is never shown."""

    def __init__(
        self, api: str, key: str, clock: Clock, *, seed: int = 0, key_plan: Plan | None = None,
        balance: int = OPENING_BALANCE, remains: Remains = NOTHING_REMAINS, index: JobIndex | None = None,
        room: JournalRoom | None = None, answers: AnswerRoom | None = None,
    ) -> None:  # fmt: skip
        self.api, self.key, self.clock = api, key, clock
        self.opened, self.name = 0, ""
        """How many namespaces the server had opened then, with this one, and its public name."""
        self.key_plan = key_plan
        """The scenario that the key itself names. It has priority over every other."""
        self.plan: Plan | None = None
        self.refused_by: dict[str, Plan] = {}  # the scenarios that refused a start, by name: no job shows them
        self.jobs: dict[str, Job] = {}
        index = JobIndex() if index is None else index
        self._room, self.unique = JobRoom(key, index), UniqueIds(seed, key, index.keyed_ids)
        self._room.replace(None, key_plan)
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

    def use(self, plan: Plan) -> None:
        """Play `plan` for jobs started from now on, unless the key names a scenario. Count requests from 1 again."""
        self._room.replace(self.plan, plan)
        self.plan = plan
        self.requests.clear()
        self.counting_since = self.clock.now()

    def add(self, job: Job) -> None:
        """Add a job; above a limit of `job_room` others go. Raises UsageError where its id is taken."""
        if job.id in self.jobs:
            raise UsageError(f"The id {job.id!r} is taken by another job of this key.")
        self._room.expect(job)
        self.jobs[job.id] = job
        self._drop_jobs(job)
        self._room.add(job)
        if self._job_groups is not None:
            self._job_groups.add(job)

    def change_plan(self, job: Job, plan: Plan) -> None:
        """Let a job play another plan from now on. Others may go for it, as in `add`."""
        self._room.replace(job.plan, plan)
        job.plan = plan
        self.mark_changed(job.id)
        self._drop_jobs(job)

    def note_refusal(self, plan: Plan) -> None:
        """Note that a scenario refused a start."""
        self._room.replace(self.refused_by.get(plan.name), plan)
        self.refused_by[plan.name] = plan

    def why_lost(self, job_id: str) -> str | None:
        """Return the note about a job that the server lost; None for a job that this key never had."""
        if job_id in self.closed_jobs:
            return CLOSED
        return DROPPED if self._room.was_dropped(job_id) else None

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
        for plan in (self.plan, self.key_plan):
            self._room.replace(plan, None)
        self.plan = self.key_plan = None
        self.journal.close()

    def _release_jobs(self) -> None:
        """Give back what jobs and kept replies share with those of other namespaces."""
        for job in self.jobs.values():
            self._room.remove(job)
            self.answers.remove(job)
        for plan in self.refused_by.values():
            self._room.replace(plan, None)
        self.refused_by.clear()
        self.kept_replies.clear()

    def _drop_jobs(self, kept: Job) -> None:
        """Drop jobs, but not `kept`, while there are too many, or too large ones."""
        while len(self.jobs) > 1 and self._room.is_exceeded(len(self.jobs)):
            dropped = first_to_go(self.jobs.values(), kept, self.clock.now())
            del self.jobs[dropped.id]
            if dropped.id in self.open_charges:
                del self.open_charges[dropped.id]
            if self._job_groups is not None:
                self._job_groups.remove(dropped.id)
            self._room.drop(dropped)
            self.answers.remove(dropped)

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
        for content in (self.jobs, self.buckets, self.requests, self.open_charges):
            content.clear()
        self._job_groups = None
        self.closed_jobs = frozenset()
        self._room.reset()
        self.unique.reset()
        self.credits.reset()
        self.clock.restart(start)
        self.counting_since = self.clock.now()
        return cleared


class Namespaces:
    """All namespaces, least recently used first. Above `most` the first one is closed, logged and counted."""

    def __init__(
        self, *, clock: Callable[[], Clock], seed: int = 0, most: int = MAX_NAMESPACES, leaving: Leaving | None = None,
        id_secret: str | None = None,
    ) -> None:  # fmt: skip
        self._open = OrderedDict[str, Namespace]()
        self._make_clock, self._seed, self._most = clock, seed, most
        self.clock = clock()  # of exchanges without a namespace
        self._clock_mode: tuple[str, float] | None = None
        self.closed, self.names, self._opened = ClosedNamespaces(), PublicNames(), 0
        self.jobs, self.answers = JobIndex(make_room=self._close_oldest, id_secret=id_secret), AnswerRoom()
        self.room = JournalRoom(leaving=leaving)
        """What all namespaces share: the index of their jobs, the room of their answers and of their journals."""
        self.opening: dict[str, int] = {}
        """The opening balance of new namespaces, by API."""
        self.outside = Journal(leaving=leaving)
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
            remains=self.closed.take(key), index=self.jobs, room=self.room, answers=self.answers,
        )  # fmt: skip
        self._open[key] = namespace
        namespace.opened = self._opened = self._opened + 1
        namespace.name = self.names.add(api, key, names_scenario=plan is not None)
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
        self.names.remove(closed.name)
        self.closed.add(closed.key, closed.closed_jobs.union(closed.jobs), closed.journal.count, reason)
        closed.close()
        return True
