"""One mock for many short runs of a client: each begins anew, in virtual time, within a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutinefunction, signature
from time import sleep
from typing import Any

from .. import apis
from ..app import create_app
from ..catalogue import Catalogue
from ..clock import SECOND, Clock
from ..errors import VirtualTimeError
from ..etiquette import Manners, judge
from ..listener import Host
from ..models import Exchange, Reply, Request
from ..namespace import Job, Namespaces
from ..progression import Plan
from ..service import Service
from ..transport import in_process
from ..virtual import VirtualWaits, coupled
from .outcome import wrong_answers

EPOCH = 1_767_225_600 * SECOND
_SETTLING, _PAUSE = 100, 0.0005
Client = Callable[..., Any]
"""`run_client(url, api_key, job_id)`, a coroutine function or not; with a parameter `transport`, it gets the mock in
process too."""


class OutOfBudget(BaseException):
    """A client asked too often, or for too long. No Exception, because clients catch those and go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many requests and how many seconds of virtual time one run may take."""

    requests: int = 5_000
    seconds: float = 90_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How one run of a client ended: what it returned or raised, what it did wrong, and what it asked."""

    returned: Any = None
    raised: BaseException | None = None
    faults: Sequence[str]
    journal: Sequence[Exchange]


class Arena:
    """A mock of one API, and the client that runs against it."""

    def __init__(
        self, run_client: Client, api: str, *, budget: Budget | None = None, rules: Mapping[str, str] | None = None,
        floor: float = 1.0,
    ) -> None:  # fmt: skip
        self.api = apis.load(api)
        self._run, self._budget = run_client, budget or Budget()
        self._manners = Manners(floor=round(floor * SECOND), severities=rules or {})
        self._clock = Clock("manual", start=EPOCH)
        self._service = Service(Catalogue(), Namespaces(clock=lambda: self._clock))
        self._service.watchers.append(self._count)
        self._key = f"{self.api.prefix}arena"
        self._in_process = "transport" in signature(run_client).parameters
        self._host, self._app = Host(), create_app(self._service)
        self._requests = 0
        self._url = "http://jobmock"
        self._more: dict[str, Any] = {}

    @contextmanager
    def open(self) -> Iterator[Arena]:
        """Let runs follow one another for the length of a `with` block."""
        ports: set[int] = set()
        if self._in_process:
            self._more = {"transport": in_process(self._service, VirtualWaits())}
        else:
            listener = self._host.open(self._app)
            self._url = listener.url
            ports.add(listener.port)
        try:
            with coupled(self._clock, settle=self._settle, ports=ports) as world:
                world.guard = self._guard
                yield self
        finally:
            self._host.end()

    def play(self, plan: Plan) -> Run:
        """Run the client against a job that plays a plan. Raises VirtualTimeError where virtual time can't reach it."""
        namespace = self._service.namespace(self.api, self._key)
        namespace.reset()
        self._requests = 0
        self._service.deployment.plans[self.api.name] = plan
        job = self._service.place(namespace, plan)
        returned, raised = self._ended(job.id)
        journal = tuple(namespace.journal)
        return Run(returned=returned, raised=raised, faults=self._faults(job, returned, raised), journal=journal)

    def _ended(self, job: str) -> tuple[Any, BaseException | None]:
        try:
            returned = self._run(self._url, self._key, job, **self._more)
            return (asyncio.run(returned) if iscoroutinefunction(self._run) else returned), None
        except VirtualTimeError:
            raise
        except (Exception, OutOfBudget) as error:
            return None, error

    def _faults(self, job: Job, returned: Any, raised: BaseException | None) -> list[str]:
        """Return what the run did wrong: by the rules of etiquette, by its budget, and by its answer."""
        if isinstance(raised, OutOfBudget):
            return [f"budget (error): {raised}"]
        journal, now = self._service.namespace(self.api, self._key).journal, self._clock.now()
        if not journal.count:
            return ["nothing-asked (error): the client ended without a single request about the job."]
        outcome = "returned" if raised is None else "raised"
        verdict = judge(journal, self.api, outcome=outcome, now=now, manners=self._manners)
        found = [str(finding) for finding in verdict.findings if finding.severity == "error"]
        if raised is None:
            found += wrong_answers(returned, job, self.api, tuple(journal), now)
        return found

    def _guard(self) -> None:
        """Raise OutOfBudget in the client's own call."""
        if self._requests > self._budget.requests:
            raise OutOfBudget(f"the client sent more than {self._budget.requests} requests for one job.")
        if self._clock.elapsed > self._budget.seconds * SECOND:
            raise OutOfBudget(f"the client was still at it after {self._budget.seconds:g} s.")

    def _count(self, request: Request, reply: Reply) -> None:
        self._requests += 1
        if self._in_process:
            self._guard()

    def _settle(self) -> None:
        for _ in range(_SETTLING):
            self._host.settle()
            if not self._app.holds.busy:
                return
            sleep(_PAUSE)
