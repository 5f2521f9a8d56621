"""A mock of one API on which many short runs follow one another: each in a fresh world, all in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from time import sleep
from typing import Any

from ..catalogue import Catalogue
from ..clock import EPOCH, Clock
from ..dialect.api import Api
from ..engine.namespace import Namespace, Namespaces
from ..engine.progression import Plan
from ..models import Reply, Request
from ..server.app import App, create_app
from ..server.listeners import Host
from ..service.service import Service
from ..transport import in_process
from ..virtual import VirtualWaits, World, coupled

_SETTLING, _PAUSE = 100, 0.0005


class Stand:
    """The mock, and the clock that a client on it goes by. No socket is made before `url` is asked for."""

    def __init__(self, api: Api) -> None:
        self.api, self.api_key = api, f"{api.prefix}stand"
        self.clock = Clock("manual", start=EPOCH)
        self.service = Service(_catalogue(), Namespaces(clock=lambda: self.clock))
        self._host, self._ports = Host(), set[int]()
        self._world: World | None = None
        self.service.watchers.append(self._asked)

    @contextmanager
    def open(self, guard: Callable[[], None] = lambda: None) -> Iterator[Stand]:
        """Put the calling thread on the clock for the length of a `with` block; what `guard` raises ends a client."""
        try:
            with coupled(self.clock, settle=self._settle, ports=self._ports) as world:
                world.guard = guard
                self._world = world
                yield self
        finally:
            self._host.end()

    @cached_property
    def transport(self) -> Any:
        """The mock in process, for clients of httpx and httpx2."""
        return in_process(self.service, VirtualWaits())

    @cached_property
    def url(self) -> str:
        """The mock on a real socket."""
        listener = self._host.open(self._app)
        self._ports.add(listener.port)
        return listener.url

    def begin(self, plan: Plan, start: int = EPOCH) -> Namespace:
        """Begin a fresh world, in which jobs play a plan and the clock begins at `start`."""
        namespace = self.service.namespace(self.api, self.api_key)
        namespace.reset(start)
        self.service.deployment.plans[self.api.name] = plan
        return namespace

    def _asked(self, request: Request, reply: Reply) -> None:
        if self._world is not None:
            self._world.asked()

    @cached_property
    def _app(self) -> App:
        return create_app(self.service)

    def _settle(self) -> None:
        """Return when every request that has arrived is answered, or waits for the clock or for nothing."""
        if not self._ports:
            return
        for _ in range(_SETTLING):
            self._host.settle()
            if not self._app.holds.busy:
                return
            sleep(_PAUSE)


@cache
def _catalogue() -> Catalogue:
    return Catalogue()
