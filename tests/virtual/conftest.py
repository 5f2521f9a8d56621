"""A served mock whose clock is its client's, virtual time without a mock, and readings of real time."""

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


class VirtualTime:
    """A client in virtual time: its clock and its scheduler."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.scheduler: Scheduler

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self.clock.elapsed / SECOND

    @contextmanager
    def expect_refusal(self, match: str) -> Iterator[None]:
        """Expect a VirtualTimeError with such a message in a `with` block, and let the test go on after it."""
        with pytest.raises(VirtualTimeError, match=match):
            yield
        self.scheduler.failure = None


class ServedMock(VirtualTime):
    """A served mock, and the virtual time of its client; all keys have the same clock."""

    def __init__(self, service: Service, url: str, clock: Clock) -> None:
        super().__init__(clock)
        self.service, self.url = service, url
        self.job = f"{url}{START}"
        self.credits = f"{url}/api/credits"
        self.port = int(url.rpartition(":")[2])

    def journal(self, key: str = "lk_virtual") -> list[Exchange]:
        """Return the exchanges of one key."""
        return [exchange for space in self.service.namespaces if space.key == key for exchange in space.journal]

    def times(self, key: str = "lk_virtual") -> list[float]:
        """Return the virtual seconds at which one key's requests came."""
        return [(exchange.at - EPOCH) / SECOND for exchange in self.journal(key)]


Serve = Callable[..., AbstractContextManager[ServedMock]]


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """The loop that serves every test's mock."""
    host = Host()
    yield host
    host.end()


@pytest.fixture
def serve(catalogue: Catalogue, host: Host) -> Serve:
    """A function that serves a scenario (a name or an object) to a client in virtual time."""

    @contextmanager
    def serve(scenario: Any = "clado/usual") -> Iterator[ServedMock]:
        clock = Clock("manual", start=EPOCH)
        plan = catalogue.resolve(scenario, "clado")
        service = Service(catalogue, Namespaces(clock=lambda: clock), plans={"clado": plan})
        app = create_app(service)
        listener = host.open(app)
        mock = ServedMock(service, listener.url, clock)
        settings: dict[str, Any] = {"ports": {listener.port}, "server_sockets": host.ends}

        def settle() -> object:
            return host.settle_while(lambda: app.held_answers.busy > 0)

        try:
            with virtual_time(clock, wait_until_idle=settle, **settings) as mock.scheduler:
                yield mock
        finally:
            host.shut(listener)

    return serve


@pytest.fixture
def virtual() -> Iterator[VirtualTime]:
    """A client in virtual time, without any server."""
    client = VirtualTime(Clock("manual", start=EPOCH))
    with virtual_time(client.clock) as client.scheduler:
        yield client


def real_seconds() -> float:
    """Return the reading of the real monotonic clock, which never stands still."""
    with in_real_time():
        return time.monotonic()


def run_outside(function: Callable[[], Any]) -> Any:
    """Run a function in a thread that isn't in virtual time, and return its result."""
    done, results = _thread.allocate_lock(), list[Any]()
    done.acquire()

    def run() -> None:
        try:
            results.append(function())
        finally:
            done.release()

    with in_real_time():
        _thread.start_new_thread(run, ())
        assert done.acquire(timeout=5)
    return results[0]
