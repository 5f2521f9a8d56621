"""The mock in this process: a service of its own for each test, and a port once the test uses its URL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmock import apis
from jobmock.catalogue import name_or_path
from jobmock.catalogue.server_settings import switches_from_flags
from jobmock.client_reports.activity import (
    KeyActivity,
    client_findings,
    dropped_from,
    journal_of,
    judge_client,
    keys_of,
    titles_of,
)
from jobmock.client_reports.artifacts import played_as_yaml
from jobmock.client_reports.traffic import Traffic
from jobmock.engine.namespace import Namespace, Namespaces
from jobmock.engine.progression import Plan
from jobmock.errors import JobmockError, UsageError, short_repr
from jobmock.etiquette import Finding, ReturnedValue, Verdict
from jobmock.models import Exchange, Scenario
from jobmock.service.service import Service
from jobmock.virtual import in_real_time

from ..clock import MockClock
from .mock import Mock, PlayedJob

if TYPE_CHECKING:
    import ssl

    from jobmock.coverage import Coverage, CoverageCounter
    from jobmock.server.app import App
    from jobmock.server.listeners import Listener

    from .context import MockContext

_HOST = "127.0.0.1"


class LocalMock(Mock):
    """The mock of one API, in this process."""

    def __init__(self, session: MockContext, api: str) -> None:
        super().__init__(session)
        dialect = apis.load(api)
        self.api, self.host = api, dialect.host
        self.api_key = session.arguments.key_for(dialect.prefix, dialect.key("jobmock"))
        self.clock = MockClock(session.clock, session.deadline.extend)
        self._catalogue = session.server.catalogue(session.options.scenarios)
        self.service = Service(
            self._catalogue,
            Namespaces(
                clock=lambda: session.clock, seed=session.options.seed,
                leaving=_coverage_counter() if session.coverage else None,
            ),
            switches=_switches(session.arguments.switches),
        )  # fmt: skip
        self.service.watchers.append(lambda request, reply: session.check_client(request.connection))
        self._traffic: Traffic | None = None
        if session.options.artifacts:
            self._traffic = Traffic(self.service.namespaces)
            self.service.watchers.append(self._traffic.watch)
        self._app: App | None = None
        self._listener: Listener | None = None
        self._tls_listener: Listener | None = None
        self.apply_marker()

    @classmethod
    @contextmanager
    def opened(cls, session: MockContext, api: str) -> Iterator[LocalMock]:
        """Yield a mock, and close it at the end of the block. Raises JobmockError then if the mock itself failed."""
        mock = cls(session, api)
        yield mock
        mock.close()

    @property
    def url(self) -> str:
        if self._listener is None:
            self._listener = self._listen(None)
        return self._listener.url

    def address(self, tls: ssl.SSLContext | None) -> tuple[str, int]:
        if tls is None:
            self._listener = self._listener or self._listen(None)
            return _HOST, self._listener.port
        self._tls_listener = self._tls_listener or self._listen(tls)
        return _HOST, self._tls_listener.port

    @property
    def direct_hosts(self) -> Sequence[str]:
        return _HOST, self.host

    @cached_property
    def transport(self) -> Any:
        from jobmock.transport import in_process
        from jobmock.virtual import VirtualWaits

        return in_process(self.service, VirtualWaits() if self._session.virtual else None)

    @property
    def journal(self) -> Sequence[Exchange]:
        return journal_of(self.service.namespaces)

    @property
    def dropped(self) -> int:
        return dropped_from(self.service.namespaces)

    def keys(self) -> Sequence[KeyActivity]:
        return keys_of(
            self.service.namespaces, self.api, settings=self._session.rule_settings, time=self._time,
            now=self._session.clock.now(),
        )  # fmt: skip

    @property
    def busy(self) -> bool:
        return self._app is not None and self._app.held_answers.busy > 0

    def ended_jobs(self) -> int:
        now, terminal = self._session.clock.now(), apis.load(self.api).terminal
        jobs = [job for namespace in self.service.namespaces for job in tuple(namespace.jobs.values())]
        return sum(job.stage(now).status in terminal for job in jobs)

    def apply_marker(self) -> None:
        plans = [self._plan(scenario, None) for scenario in self._session.arguments.scenarios]
        self.service.defaults.plans.clear()
        self.service.defaults.plans.update({plan.scenario.api: plan for plan in plans})
        for namespace in self.service.namespaces:
            namespace.plan = None

    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        plan = self._plan(scenario, self.api)
        namespace = self._own_namespace()
        namespace.use(plan)
        self.service.defaults.plans[self.api] = plan
        return PlayedJob(self.service.place(namespace, plan, job_id).id, plan.name)

    def _clear(self, start: int | None) -> None:
        for namespace in self.service.namespaces:
            namespace.reset(start)
        self.service.namespaces.outside.clear()
        self.service.namespaces.clock.restart(start)

    def played(self) -> Mapping[str, Callable[[], str]]:
        return played_as_yaml(self.service.namespaces)

    def titles(self) -> Sequence[str]:
        return titles_of(self.service.namespaces)

    def write_traffic(self, path: Path) -> None:
        if self._traffic is not None:
            self._traffic.write(path, "http://jobmock" if self._listener is None else self._listener.url)

    def coverage(self) -> Coverage:
        from jobmock.coverage import NOTHING_MET, counter_of

        counter = counter_of(self.service.namespaces)
        return counter.of(self.service.namespaces) if counter else NOTHING_MET

    def findings(self) -> tuple[Finding, ...]:
        return client_findings(
            self.service.namespaces, self.api, settings=self._session.rule_settings, time=self._time
        )  # fmt: skip

    def judge(self, outcome: str | None, job: str | None, returned: ReturnedValue | None = None) -> Verdict:
        return judge_client(
            self.service.namespaces, self._own_namespace(), settings=self._session.rule_settings, time=self._time,
            outcome=outcome, job=job, returned=returned,
        )  # fmt: skip

    @property
    def _time(self) -> str:
        """The mode of time in which the client lives."""
        return "virtual" if self._session.virtual else self._session.clock.mode

    def close(self) -> None:
        """Stop listening. Raises JobmockError if the mock itself failed."""
        listeners = [listener for listener in (self._listener, self._tls_listener) if listener is not None]
        for listener in listeners:
            self._session.server.host.shut(listener)
        self.service.failures.check()
        for error in [error for listener in listeners for error in listener.errors]:
            raise JobmockError(f"The mock itself failed: {type(error).__name__}: {error}") from error

    def _listen(self, tls: ssl.SSLContext | None) -> Listener:
        if self._app is None:
            from jobmock.server.app import create_app

            self._app = create_app(self.service, shared_time=self._session.shared_time)
        with in_real_time():
            listener = self._session.server.host.open(self._app, tls=tls)
        self._session.ports.add(listener.port)
        return listener

    def _own_namespace(self) -> Namespace:
        return self.service.namespace(apis.load(self.api), self.api_key)

    def _plan(self, scenario: str | Path | Mapping[str, Any] | Scenario, api: str | None) -> Plan:
        """Return the plan of a scenario, which is a name, path, mapping or Scenario."""
        return self._catalogue.resolve(name_or_path(scenario) if isinstance(scenario, str) else scenario, api)


def _coverage_counter() -> CoverageCounter:
    from jobmock.coverage import CoverageCounter

    return CoverageCounter()


def _switches(given: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the switches that a marker sets, checked like those of `jobmock serve --switch`."""
    try:
        return switches_from_flags([f"{name}={json.dumps(value)}" for name, value in given.items()])
    except TypeError:
        raise UsageError(f"The values of switches are text, numbers and the like, not {short_repr(given)}.") from None
