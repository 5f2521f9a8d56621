"""One mock for many short runs of a client: each begins anew, in virtual time, within a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
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
from ..etiquette import Manners
from ..listener import Host
from ..models import Reply, Request
from ..namespace import Namespaces
from ..progression import Plan
from ..service import Service
from ..transport import in_process
from ..virtual import VirtualWaits, coupled
from .outcome import OutOfBudget, Run, judged

EPOCH = 1_767_225_600 * SECOND
_SETTLING, _PAUSE = 100, 0.0005
Client = Callable[..., Any]
"""`run_client(url, api_key, job_id)`, a coroutine function or not; with a parameter `transport`, it gets the mock in
process too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many requests and how many seconds of virtual time one run may take."""

    requests: int = 5_000
    seconds: float = 90_000


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
        return judged(self.api, namespace, job, self._manners, returned=returned, raised=raised)

    def _ended(self, job: str) -> tuple[Any, BaseException | None]:
        try:
            returned = self._run(self._url, self._key, job, **self._more)
            return (asyncio.run(returned) if iscoroutinefunction(self._run) else returned), None
        except VirtualTimeError:
            raise
        except (Exception, OutOfBudget) as error:
            return None, error

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
