"""A mock of one API in virtual time, for many short runs one after another, each in a fresh namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from ..clock import EPOCH, Clock
from ..dialect.api import Api
from ..engine.namespace import Namespace, Namespaces
from ..engine.progression import Plan
from ..models import Reply, Request
from ..proxies import no_proxy
from ..server.app import App, create_app
from ..server.listeners import Host
from ..service.service import Service
from ..transport import in_process
from ..virtual import Scheduler, VirtualWaits, note_request, virtual_time
from .bundled_catalogue import bundled_catalogue


class Harness:
    """A mock with its clock, on which clients are run. No socket is opened before `url` is read."""

    def __init__(self, api: Api) -> None:
        self.api, self.api_key = api, api.key("harness")
        self.clock = Clock("manual", start=EPOCH)
        self.service = Service(bundled_catalogue(), Namespaces(clock=lambda: self.clock))
        self._host, self._ports = Host(), set[int]()
        self._scheduler: Scheduler | None = None
        self.service.watchers.append(self._notify_scheduler)

    @contextmanager
    def open(self, guard: Callable[[], None] = lambda: None) -> Iterator[Harness]:
        """Put the calling thread in virtual time for a `with` block; an exception of `guard` ends the client's run."""
        try:
            with no_proxy(["127.0.0.1"]), virtual_time(
                self.clock, wait_until_idle=self._settle, ports=self._ports, server_sockets=self._host.ends
            ) as scheduler:
                scheduler.before_wait = guard
                self._scheduler = scheduler
                yield self
        finally:
            self._host.end()

    @cached_property
    def transport(self) -> Any:
        """The in-process transport for clients of httpx and httpx2."""
        return in_process(self.service, VirtualWaits())

    @cached_property
    def url(self) -> str:
        """The URL of the mock on a real socket."""
        listener = self._host.open(self._app)
        self._ports.add(listener.port)
        return listener.url

    def start_run(self, plan: Plan, start: int = EPOCH) -> Namespace:
        """Reset the namespace and return it: its jobs play a plan, and the clock begins at `start`."""
        namespace = self.service.namespace(self.api, self.api_key)
        namespace.reset(start)
        self.service.defaults.plans[self.api.name] = plan
        return namespace

    def _notify_scheduler(self, request: Request, reply: Reply) -> None:
        if self._scheduler is not None:
            note_request(self._scheduler)

    @cached_property
    def _app(self) -> App:
        return create_app(self.service)

    def _settle(self) -> object:
        """Wait until every received request is answered, waits for the clock, or hangs on purpose.

        The result changes whenever the server has done anything.
        """
        if not self._ports:
            return None
        return self._host.settle_while(lambda: self._app.held_answers.busy > 0)
