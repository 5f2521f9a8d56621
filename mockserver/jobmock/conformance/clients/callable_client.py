"""A Python callable as the client under test, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutine
from typing import Any

from ...clock import EPOCH, SECOND, Clock
from ...dialect.api import Api
from ...errors import UsageError, VirtualTimeError, short_repr
from ...models import Reply, Request
from ...strategies.harness import Harness
from ...strategies.outcome import BudgetExceeded
from ..cases import GRACE_SECONDS, MOST_REQUESTS, Case
from ..played import Ended, Played, prepare
from .task import Task, task_of

Client = Callable[[Task], Any]
"""`client(task)`, which may be a coroutine function. It returns the value of its call, or raises."""


class CallableClient:
    """Plays cases to a callable, one after another, each in a fresh namespace."""

    time = "virtual"

    def __init__(self, client: Client, api: Api) -> None:
        if not callable(client):
            raise UsageError(f"A client is called as client(task), and {short_repr(client)} can't be called.")
        name = getattr(client, "__qualname__", type(client).__qualname__)
        self.name = f"--client {getattr(client, '__module__', '')}:{name}"
        self._client, self._api = client, api
        self._harness, self._requests, self._until = Harness(api), 0, 0
        self._harness.service.watchers.append(self._count)

    @contextmanager
    def open(self) -> Iterator[CallableClient]:
        """Allow cases to be played within a `with` block."""
        with self._harness.open(self._check_budget):
            yield self

    def why_not(self, case: Case) -> str | None:
        """Return None: a callable can be played every case."""
        return None

    def play(self, case: Case) -> Played:
        """Play one case. Raises VirtualTimeError if virtual time can't reach the client."""
        harness, self._requests = self._harness, 0
        namespace = harness.start_run(case.plan, EPOCH)
        job, real = prepare(harness.service, namespace, case), Clock()
        self._until = harness.clock.started + round((case.deadline + GRACE_SECONDS) * SECOND)
        ended = self._call(task_of(case, harness.url, harness.api_key, job))
        return Played(
            case=case, api=self._api, namespace=namespace, job=job, ended=ended, time=self.time,
            real_seconds=real.elapsed / SECOND,
        )  # fmt: skip

    def _call(self, task: Task) -> Ended:
        try:
            returned = self._client(task)
            return Ended("returned", asyncio.run(returned) if iscoroutine(returned) else returned)
        except VirtualTimeError:
            raise
        except BudgetExceeded as error:
            return Ended("stopped", text=str(error))
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            return Ended("failed", text=f"{type(error).__name__}: {error}")

    def _check_budget(self) -> None:
        """Raise BudgetExceeded inside the client's call if it is over its budget."""
        if self._requests > MOST_REQUESTS:
            raise BudgetExceeded(f"the client sent more than {MOST_REQUESTS} requests.")
        if self._harness.clock.now() > self._until:
            raise BudgetExceeded(f"the client still ran {GRACE_SECONDS:g} s after its deadline.")

    def _count(self, request: Request, reply: Reply) -> None:
        self._requests += 1
