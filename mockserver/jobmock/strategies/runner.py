"""Runs a client callable against one plan after another, within a budget, and judges each run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutine, signature
from typing import Any

from ..client_reports.played_job import played_job
from ..clock import EPOCH, SECOND
from ..engine.progression import Plan
from ..errors import UsageError, VirtualTimeError, short_repr
from ..etiquette import RuleSettings
from ..models import Reply, Request
from .arguments import load_api, nanoseconds
from .harness import Harness
from .outcome import BudgetExceeded, RunResult, judge_run

RunClient = Callable[..., Any]
"""`run_client(url, api_key, job_id)`, which may be a coroutine function. With a parameter `transport`, it gets the
in-process transport too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The requests and the seconds of virtual time that one run may take."""

    requests: int = 5_000
    seconds: float = 90_000


class ClientRunner:
    """A client callable with the mock that it runs against."""

    def __init__(
        self, run_client: RunClient, api: str, *, budget: Budget | None = None, rules: Mapping[str, str] | None = None,
        min_interval: float = 1.0,
    ) -> None:  # fmt: skip
        self.api = load_api(api)
        self._run_client, self._budget = run_client, budget or Budget()
        least = nanoseconds("min_interval", min_interval)
        self._rule_settings = RuleSettings(min_interval=least, severities=rules or {})
        self._in_process = _takes_transport(run_client)
        self._harness = Harness(self.api)
        self._harness.service.watchers.append(self._count_request)
        self._requests = 0

    @contextmanager
    def open(self) -> Iterator[ClientRunner]:
        """Allow runs, one after another, within a `with` block."""
        with self._harness.open(self._check_budget):
            yield self

    def run(self, plan: Plan, start: int = EPOCH) -> RunResult:
        """Run the client against a job that plays a plan. Raises VirtualTimeError if virtual time can't reach it."""
        harness, self._requests = self._harness, 0
        namespace = harness.start_run(plan, start)
        job = harness.service.place(namespace, plan)
        returned, raised = self._call_client(job.id)
        played = played_job(namespace, job)
        return judge_run(self.api, played, self._rule_settings, time="virtual", returned=returned, raised=raised)

    def _call_client(self, job: str) -> tuple[Any, BaseException | None]:
        harness = self._harness
        try:
            if self._in_process:
                returned = self._run_client("http://jobmock", harness.api_key, job, transport=harness.transport)
            else:
                returned = self._run_client(harness.url, harness.api_key, job)
            return (asyncio.run(returned) if iscoroutine(returned) else returned), None
        except VirtualTimeError:
            raise
        except (Exception, BudgetExceeded, SystemExit, asyncio.CancelledError) as error:
            return None, error

    def _check_budget(self) -> None:
        """Raise BudgetExceeded inside the client's call if it is over its budget."""
        if self._requests > self._budget.requests:
            raise BudgetExceeded(f"the client sent more than {self._budget.requests} requests for one job.")
        if self._harness.clock.elapsed > self._budget.seconds * SECOND:
            raise BudgetExceeded(f"the client was still running after {self._budget.seconds:g} s.")

    def _count_request(self, request: Request, reply: Reply) -> None:
        self._requests += 1
        if self._in_process:
            self._check_budget()


def _takes_transport(run_client: object) -> bool:
    """Return whether a client takes the in-process transport. Raises UsageError if it can't be called as a client."""
    client = f"A client is called as run_client(url, api_key, job_id), and {short_repr(run_client)}"
    if not callable(run_client):
        raise UsageError(f"{client} can't be called.")
    try:
        expected = signature(run_client)
    except ValueError:
        raise UsageError(f"{client} doesn't say what it takes.") from None
    more = {"transport": None} if "transport" in expected.parameters else {}
    try:
        expected.bind("url", "api_key", "job_id", **more)
    except TypeError as error:
        raise UsageError(f"{client} takes {expected}: {error}.") from None
    return bool(more)
