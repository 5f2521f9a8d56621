"""The mock of one run: all APIs on a port of its own, with one clock and a namespace for each API."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import time_ns
from typing import Any

from .. import apis
from ..catalogue import Catalogue
from ..client_reports.activity import ClientActivity, client_activity, journal_of
from ..client_reports.artifacts import played_as_yaml, write
from ..client_reports.traffic import Traffic
from ..clock import SECOND, Clock
from ..coverage import Coverage, CoverageCounter, counter_of
from ..engine.jobs import Job
from ..engine.namespace import Namespaces
from ..engine.progression import Plan
from ..engine.unique_ids import unique_id
from ..errors import JobmockError, StartError
from ..etiquette import Finding, RuleSettings
from ..models import Limit, Reply, Request
from ..preloads.environment import virtual_time_variables
from ..server.app import create_app
from ..server.listeners import Host, Listener
from ..service.service import Service
from .endless_polling import EndlessPolling
from .time_limits import Stop
from .unasked import Unasked, Variables, no_key, no_request
from .virtual_processes import own_processes

TIME_MODES = ("virtual", "scaled", "skip-delays", "manual", "real")
_CLOCK_MODES = {"virtual": "manual"}
"""The mode of the clock, where it differs from the mode of time."""
_OF_WINDOWS = ("real", "scaled")
_IN_REAL_TIME = ("real", "skip-delays")
"""Modes in which the clock begins at the real time. In the others it begins on a whole second."""


def check_time(time: str) -> None:
    """Raise StartError if a command of this system can't live in a mode of time."""
    if sys.platform == "win32" and time not in _OF_WINDOWS:
        raise StartError(f"On Windows there is only --time {' and --time '.join(_OF_WINDOWS)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MockSettings:
    """The settings of the mocks of all runs."""

    time: str = "virtual"
    speed: float = 1.0
    seed: int = 0
    port: int = 0
    switches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, Limit | None]] = field(default_factory=dict)
    with_job: bool = False
    """Whether each API has a job that exists already."""
    waits_for_client: bool = False
    """Whether a scaled clock stands until the client's first request."""
    records: bool = False
    """Whether the traffic is recorded, for artifacts."""
    coverage: bool = False
    """Whether it is counted what clients meet of the APIs."""


class RunMock:
    """The mock of one run. `namespaces` and `jobs` are by API; jobs exist only with `with_job`, and where one is given.

    The clock begins at `start`, by default at the date.
    """

    listener: Listener

    def __init__(
        self, catalogue: Catalogue, settings: MockSettings, plans: Mapping[str, Plan], start: int | None = None
    ) -> None:  # fmt: skip
        self._time, self._jobs_given = settings.time, 0
        if start is None and settings.time not in _IN_REAL_TIME:
            start = time_ns() // SECOND * SECOND
        stands = settings.waits_for_client and settings.time == "scaled"
        mode = "manual" if stands else _CLOCK_MODES.get(settings.time, settings.time)
        self.clock = Clock(mode, settings.speed, start=start)
        self.clock.moved_by_client = self.is_virtual
        self._speed = settings.speed
        self.service = Service(
            catalogue,
            Namespaces(
                clock=lambda: self.clock, seed=settings.seed, leaving=CoverageCounter() if settings.coverage else None
            ),
            plans=plans, switches=settings.switches, limits=settings.limits,
        )  # fmt: skip
        self.namespaces = {
            api.name: self.service.namespace(api, api.key("jobmock")) for api in apis.all_apis()
        }  # fmt: skip
        self.jobs = {api: self._place(api, plans.get(api)) for api in self.namespaces} if settings.with_job else {}
        self._chosen, self._traffic = frozenset(plans), Traffic(self.service.namespaces) if settings.records else None
        if self._traffic is not None:
            self.service.watchers.append(self._traffic.watch)
        if stands:
            self._start_clock_with_client()
        self.app = create_app(self.service)
        self.url, self.port = "", 0

    @classmethod
    @contextmanager
    def served(
        cls, host: Host, catalogue: Catalogue, settings: MockSettings, plans: Mapping[str, Plan],
        start: int | None = None,
    ) -> Iterator[RunMock]:  # fmt: skip
        """Serve a mock for the length of a `with` block. Raises JobmockError then if the mock itself failed."""
        mock = cls(catalogue, settings, plans, start)
        listener = host.open(mock.app, port=settings.port)
        mock.listener, mock.url, mock.port = listener, listener.url, listener.port
        try:
            yield mock
        finally:
            host.shut(listener)
        mock.service.failures.check()
        for error in listener.errors:
            raise JobmockError(f"The mock itself failed: {type(error).__name__}: {error}") from error

    @property
    def is_virtual(self) -> bool:
        """Whether the client lives in virtual time."""
        return self._time == "virtual"

    def virtual_time_variables(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a client in virtual time, whose environment is `base`."""
        key = next(iter(self.namespaces.values())).key
        hosts = {api.host: self.port for api in apis.all_apis()}
        return virtual_time_variables(base, self.url, key, self.clock, ports=(self.port,), hosts=hosts)

    def own_processes(self, stop: Callable[[Stop], None], may_move: Callable[[], bool] = lambda: True) -> None:
        """Call `stop` if the processes of a client in virtual time can't go on.

        `may_move` returns whether the clock may move once all processes wait.
        """
        if self.is_virtual:
            own_processes(self.app, self.service, self.clock, self.port, stop, may_move)

    def give_job(self, api: str, plan: Plan) -> Job:
        """Give the key of an API a new namespace, whose jobs play a plan, with one job that exists already.

        The clock goes on. No earlier job had the same id.
        """
        self._jobs_given += 1
        before = self.namespaces[api]
        before.close()
        self.service.defaults.plans[api] = plan
        self.namespaces[api] = namespace = self.service.namespaces.open(api, before.key, None)
        job = self.service.place(namespace, plan, unique_id(f"{before.key}/job/{self._jobs_given}"))
        self.jobs[api] = job.id
        return job

    def _start_clock_with_client(self) -> None:
        """Let a scaled clock stand until the first request: the start of a program would take long by it."""
        has_begun = False

        def begin(request: Request, reply: Reply) -> None:
            nonlocal has_begun
            if not has_begun:
                has_begun = True
                self.clock.set("scaled", self._speed)

        self.service.watchers.append(begin)

    def unasked(self, own: Variables, *, intercept: bool) -> Unasked | None:
        """Return how the client didn't reach an API; None if a request with a key has come. See `no_request`."""
        namespaces = self.service.namespaces
        meant = [api for api in self.namespaces if api in self._chosen] or list(self.namespaces)
        if not journal_of(namespaces):
            return no_request(meant, own, intercept=intercept)
        return None if any(len(one.journal) for one in namespaces) else no_key(meant, own)

    @property
    def requests(self) -> int:
        """How many requests the client has sent."""
        namespaces = self.service.namespaces
        journals = [namespaces.outside, *(namespace.journal for namespace in namespaces)]
        return sum(len(journal) + journal.dropped for journal in journals)

    def end_endless_polling(self, settings: RuleSettings, stop: Callable[[Stop], None]) -> None:
        """Call `stop` as soon as the client breaks the rule about deadlines."""

        def findings() -> list[Finding]:
            return [finding for one in self.activities(settings) for finding in one.findings]

        polling = EndlessPolling(self.clock, settings, findings, lambda: self.requests, stop)
        self.service.watchers.append(polling.note_request)

    def activities(self, settings: RuleSettings | None) -> list[ClientActivity]:
        """Return what the client did with each API that has a scenario or got requests.

        Without settings no rule judges it.
        """
        time = self.clock.time_mode
        found = [
            client_activity(self.service.namespaces, own, settings=settings, time=time)
            for own in self.namespaces.values()
        ]  # fmt: skip
        return [one for one in found if one.journal or one.api in self._chosen]

    @property
    def coverage(self) -> Coverage | None:
        """What the client met of the APIs; None if that isn't counted."""
        counter = counter_of(self.service.namespaces)
        return None if counter is None else counter.of(self.service.namespaces)

    def write_artifacts(self, folder: Path, stem: str, picture: Callable[[], str] | None) -> list[Path]:
        """Write the traffic, the picture and the scenarios that jobs played into a folder.

        Returns the paths. Raises OSError.
        """
        assert self._traffic is not None
        write_traffic = partial(self._traffic.write, base=self.url)
        return list(write(folder, stem, write_traffic, picture, played_as_yaml(self.service.namespaces)))

    def _place(self, api: str, plan: Plan | None) -> str:
        """Place a job of the plan, or of the API's default, and return its id."""
        dialect = apis.load(api)
        default = dialect.default_scenarios[dialect.kind(None)]
        return self.service.place(self.namespaces[api], plan or self.service.catalogue.plan(default)).id
