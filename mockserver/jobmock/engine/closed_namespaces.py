"""Remembers which jobs went when a namespace was closed to make room, so that a client of one learns why."""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Collection
from time import monotonic
from typing import NamedTuple

from .job_index import LONGEST_ID

MAX_REMEMBERED_JOBS = 100_000
_LOG_SECONDS = 60
_log = logging.getLogger("jobmock")


class Remains(NamedTuple):
    """What is remembered of a namespace: the ids of its jobs, and how many exchanges its journal had counted."""

    jobs: frozenset[str] = frozenset()
    exchanges: int = 0


NOTHING_REMAINS = Remains()


class ClosedNamespaces:
    """The namespaces that were closed with jobs, oldest first. Above `most_jobs` ids the oldest ones are forgotten.

    A warning in the log, at most once a minute, says how many were closed since the one before, and why.
    """

    def __init__(self, most_jobs: int = MAX_REMEMBERED_JOBS) -> None:
        self._remains: OrderedDict[str, Remains] = OrderedDict()
        self._jobs, self._most_jobs = 0, most_jobs
        self.count = 0
        """How many namespaces were closed, with and without jobs."""
        self._unlogged, self._unlogged_with_jobs = Counter[str](), 0
        self._logged_at: float | None = None

    def add(self, key: str, jobs: Collection[str], exchanges: int, reason: str) -> None:
        """Remember a namespace that was closed, and log it with the reason, such as `more than 5 namespaces`."""
        self.count += 1
        self._unlogged[reason] += 1
        if jobs:
            self._unlogged_with_jobs += 1
            short = frozenset(job for job in jobs if len(job) <= LONGEST_ID)
            self._remains[key] = Remains(short, exchanges)
            self._jobs += len(short)
        while self._jobs > self._most_jobs:
            self._jobs -= len(self._remains.popitem(last=False)[1].jobs)
        now = monotonic()
        if self._logged_at is None or not 0 <= now - self._logged_at < _LOG_SECONDS:
            self._logged_at = now
            self.log_rest()

    def take(self, key: str) -> Remains:
        """Return what is remembered of a key's namespace, and forget it here, because the key has a new one."""
        remains = self._remains.pop(key, NOTHING_REMAINS)
        self._jobs -= len(remains.jobs)
        return remains

    def log_rest(self) -> None:
        """Log how many were closed since the last warning, if any: at the end of the server the minute isn't over."""
        if not self._unlogged:
            return
        counted = [f"{reason} ({count})" for reason, count in self._unlogged.items()]
        _log.warning(
            "%s: closed the %d namespaces used least recently, %d of them with jobs; %d since the start.",
            ", ".join(counted if len(counted) > 1 else self._unlogged).capitalize(),
            self._unlogged.total(), self._unlogged_with_jobs, self.count,
        )  # fmt: skip
        self._unlogged.clear()
        self._unlogged_with_jobs = 0
