"""One served mock whose clock is the client's, real clients, and real time to measure with."""

from __future__ import annotations

import _thread
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from tests.support import EPOCH

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.errors import VirtualTimeError
from jobmock.models import Exchange
from jobmock.server.app import create_app
from jobmock.server.listeners import Host
from jobmock.service.service import Service
from jobmock.virtual import Scheduler, in_real_time, virtual_time

KEY = {"Authorization": "Bearer lk_virtual"}
START = "/api/search/deep_research"


class Env:
    """A served mock, the clock of all its keys, and the scheduler of the client's threads."""

    def __init__(self, service: Service, url: str, clock: Clock) -> None:
        self.service, self.url, self.clock = service, url, clock
        self.job = f"{url}{START}"
        self.credits = f"{url}/api/credits"
        self.port = int(url.rpartition(":")[2])
        self.scheduler: Scheduler

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self.clock.elapsed / SECOND

    @contextmanager
    def refusing(self, match: str) -> Iterator[None]:
        """Expect the test to be ended in a `with` block, in such words; and let it go on all the same."""
        with pytest.raises(VirtualTimeError, match=match):
            yield
        self.scheduler.failure = None

    def journal(self, key: str = "lk_virtual") -> list[Exchange]:
        """Return what one key asked for."""
        return [exchange for space in self.service.namespaces if space.key == key for exchange in space.journal]

    def times(self, key: str = "lk_virtual") -> list[float]:
        """Return the virtual seconds at which one key's requests came."""
        return [(exchange.at - EPOCH) / SECOND for exchange in self.journal(key)]


Opened = Callable[..., AbstractContextManager[Env]]


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """The loop that serves every test's mock."""
    host = Host()
    yield host
    host.end()


@pytest.fixture
def env(catalogue: Catalogue, host: Host) -> Opened:
    """A function that serves a scenario, a name or an object, to a client in virtual time."""

    @contextmanager
    def opened(scenario: Any = "clado/usual", virtual: bool = True) -> Iterator[Env]:
        clock = Clock("manual" if virtual else "real", start=EPOCH if virtual else None)
        plan = catalogue.resolve(scenario, "clado")
        service = Service(catalogue, Namespaces(clock=lambda: clock), plans={"clado": plan})
        app = create_app(service)
        listener = host.open(app)
        env = Env(service, listener.url, clock)

        def settle() -> object:
            for _ in range(100):
                work_done = host.settle()
                if not app.held_answers.busy:
                    break
                time.sleep(0.0005)
            return work_done

        settings: dict[str, Any] = {"wait_until_idle": settle, "ports": {listener.port}, "server_sockets": host.ends}
        try:
            with virtual_time(clock, **settings) as env.scheduler:
                yield env
        finally:
            host.shut(listener)

    return opened


@pytest.fixture
def still() -> Iterator[Env]:
    """A client in virtual time, without any server."""
    clock = Clock("manual", start=EPOCH)
    env = Env.__new__(Env)
    env.clock = clock
    with virtual_time(clock) as env.scheduler:
        yield env


def really() -> float:
    """Return the seconds of the real clock, which goes on while the test's own stands still."""
    with in_real_time():
        return time.monotonic()


class Elsewhere:
    """Runs something in threads that take no part."""

    def __call__(self, function: Callable[[], Any]) -> Any:
        """Return what a function returns there."""
        done, found = _thread.allocate_lock(), list[Any]()
        done.acquire()

        def run() -> None:
            try:
                found.append(function())
            finally:
                done.release()

        with in_real_time():
            _thread.start_new_thread(run, ())
            assert done.acquire(timeout=5)
        return found[0]


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()
