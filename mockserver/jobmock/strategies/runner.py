"""A client that is run again and again, each time against another plan, within a budget, and judged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutine, signature
from typing import Any

from ..clock import EPOCH, SECOND
from ..engine.progression import Plan
from ..errors import UsageError, VirtualTimeError
from ..etiquette import RuleSettings
from ..models import Reply, Request
from .arguments import api_named, nanoseconds
from .harness import Stand
from .outcome import OutOfBudget, Run, judged

Client = Callable[..., Any]
"""`run_client(url, api_key, job_id)`, a coroutine function or not; with a parameter `transport`, it gets the mock in
process too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many requests and how many seconds of virtual time one run may take."""

    requests: int = 5_000
    seconds: float = 90_000


class Arena:
    """A client, and the mock that it runs against."""

    def __init__(
        self, run_client: Client, api: str, *, budget: Budget | None = None, rules: Mapping[str, str] | None = None,
        floor: float = 1.0,
    ) -> None:  # fmt: skip
        self.api = api_named(api)
        self._run, self._budget = run_client, budget or Budget()
        self._manners = RuleSettings(floor=nanoseconds("floor", floor), severities=rules or {})
        self._in_process = _takes_transport(run_client)
        self._stand = Stand(self.api)
        self._stand.service.watchers.append(self._count)
        self._requests = 0

    @contextmanager
    def open(self) -> Iterator[Arena]:
        """Let runs follow one another for the length of a `with` block."""
        with self._stand.open(self._guard):
            yield self

    def play(self, plan: Plan, start: int = EPOCH) -> Run:
        """Run the client against a job that plays a plan. Raises VirtualTimeError where virtual time can't reach it."""
        stand, self._requests = self._stand, 0
        namespace = stand.begin(plan, start)
        job = stand.service.place(namespace, plan)
        returned, raised = self._ended(job.id)
        return judged(self.api, namespace, job, self._manners, returned=returned, raised=raised)

    def _ended(self, job: str) -> tuple[Any, BaseException | None]:
        stand = self._stand
        try:
            if self._in_process:
                returned = self._run("http://jobmock", stand.api_key, job, transport=stand.transport)
            else:
                returned = self._run(stand.url, stand.api_key, job)
            return (asyncio.run(returned) if iscoroutine(returned) else returned), None
        except VirtualTimeError:
            raise
        except (Exception, OutOfBudget, SystemExit, asyncio.CancelledError) as error:
            return None, error

    def _guard(self) -> None:
        """Raise OutOfBudget in the client's own call."""
        if self._requests > self._budget.requests:
            raise OutOfBudget(f"the client sent more than {self._budget.requests} requests for one job.")
        if self._stand.clock.elapsed > self._budget.seconds * SECOND:
            raise OutOfBudget(f"the client was still at it after {self._budget.seconds:g} s.")

    def _count(self, request: Request, reply: Reply) -> None:
        self._requests += 1
        if self._in_process:
            self._guard()


def _takes_transport(run_client: object) -> bool:
    """Say whether a client takes the mock in process. Raises UsageError where it can't be called as a client."""
    if not callable(run_client):
        raise UsageError(f"A client is called as run_client(url, api_key, job_id), and {run_client!r} can't be called.")
    expected = signature(run_client)
    more = {"transport": None} if "transport" in expected.parameters else {}
    try:
        expected.bind("url", "api_key", "job_id", **more)
    except TypeError as error:
        text = f"A client is called as run_client(url, api_key, job_id), and {run_client!r} takes {expected}: {error}."
        raise UsageError(text) from None
    return bool(more)
