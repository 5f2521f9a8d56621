"""A mock that belongs to one test: a fresh service, in process and, once its URL is asked for, on a port of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmock import apis, catalogue
from jobmock.errors import JobmockError, UsageError
from jobmock.etiquette import Verdict, judge
from jobmock.models import Exchange, Scenario
from jobmock.namespace import Namespace, Namespaces
from jobmock.progression import Plan
from jobmock.service import Service
from jobmock.settings import switches_from_flags
from jobmock.virtual import apart

from .mock import Mock, PlayedJob
from .testclock import TestClock
from .traffic import Traffic

if TYPE_CHECKING:
    from jobmock.listener import Listener

    from .bench import Bench


class LocalMock(Mock):
    """The mock of one API, in this process."""

    def __init__(self, bench: Bench, api: str) -> None:
        super().__init__(bench)
        dialect = apis.load(api)
        self.api, self.host = api, dialect.host
        self.api_key = bench.marked.key_of(dialect.prefix, f"{dialect.prefix}jobmock")
        self.clock = TestClock(bench.clock, bench.patience.excuse)
        self._catalogue = bench.server.catalogue(bench.options.scenarios)
        self.service = Service(
            self._catalogue,
            Namespaces(clock=lambda: bench.clock, seed=bench.options.seed),
            switches=_switches(bench.marked.switches),
        )
        self.service.watchers.append(lambda request, reply: bench.watch())
        self._traffic: Traffic | None = None
        if bench.options.artifacts:
            self._traffic = Traffic()
            self.service.watchers.append(self._traffic.watch)
        self._listener: Listener | None = None
        self.take_up()

    @classmethod
    @contextmanager
    def made(cls, bench: Bench, api: str) -> Iterator[LocalMock]:
        """Make one for the length of a `with` block. Raises JobmockError at its end where the mock itself failed."""
        mock = cls(bench, api)
        yield mock
        mock.close()

    @property
    def url(self) -> str:
        if self._listener is None:
            from jobmock.app import create_app

            self._app = create_app(self.service)
            with apart():
                self._listener = self._bench.server.host.open(self._app)
            self._bench.ports.add(self._listener.port)
        return self._listener.url

    @cached_property
    def transport(self) -> Any:
        from jobmock.transport import in_process
        from jobmock.virtual import VirtualWaits

        return in_process(self.service, VirtualWaits() if self._bench.virtual else None)

    @property
    def journal(self) -> Sequence[Exchange]:
        journals = [namespace.journal for namespace in self.service.namespaces] + [self.service.namespaces.outside]
        return sorted((exchange for journal in journals for exchange in journal), key=lambda one: (one.at, one.number))

    @property
    def busy(self) -> bool:
        return self._listener is not None and self._app.holds.busy > 0

    def ended(self) -> int:
        now, terminal = self._bench.clock.now(), apis.load(self.api).terminal
        jobs = [job for namespace in self.service.namespaces for job in tuple(namespace.jobs.values())]
        return sum(job.stage(now).status in terminal for job in jobs)

    def take_up(self) -> None:
        plans = [self._plan(scenario, None) for scenario in self._bench.marked.scenarios]
        self.service.deployment.plans.clear()
        self.service.deployment.plans.update({plan.scenario.api: plan for plan in plans})
        for namespace in self.service.namespaces:
            namespace.plan = None

    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        plan = self._plan(scenario, self.api)
        namespace = self._own()
        namespace.use(plan)
        self.service.deployment.plans[self.api] = plan
        return PlayedJob(self.service.place(namespace, plan, job_id).id, plan.name)

    def _begin(self, start: int | None) -> None:
        for namespace in self.service.namespaces:
            namespace.reset(start)
        self.service.namespaces.outside.clear()
        self.service.namespaces.clock.restart(start)

    def played(self) -> Mapping[str, Callable[[], str]]:
        scenarios = [job.plan.scenario for namespace in self.service.namespaces for job in namespace.jobs.values()]
        return {scenario.name: partial(_text, scenario) for scenario in scenarios}

    def write_traffic(self, path: Path) -> None:
        if self._traffic is not None:
            self._traffic.write(path, "http://jobmock" if self._listener is None else self._listener.url)

    def judge(self, outcome: str | None, job: str | None) -> Verdict:
        *others, last = sorted(self._clients(), key=lambda one: [exchange.at for exchange in one.journal][-1:])
        judged = [self._judged(last, outcome, job), *(self._judged(other, None, None) for other in others)]
        judged.append(judge(self.service.namespaces.outside, apis.load(self.api), manners=self._bench.manners))
        findings = tuple(finding for verdict in judged for finding in verdict.findings)
        return Verdict(findings=findings, not_judged=judged[0].not_judged)

    def close(self) -> None:
        """Stop listening. Raises JobmockError where the mock itself failed."""
        if self._listener is None:
            return
        self._bench.server.host.shut(self._listener)
        for error in self._listener.errors:
            raise JobmockError(f"The mock itself failed: {type(error).__name__}: {error}") from error

    def _judged(self, namespace: Namespace, outcome: str | None, job: str | None) -> Verdict:
        return judge(
            namespace.journal, apis.load(self.api), outcome=outcome, job=job, now=namespace.clock.now(),
            manners=self._bench.manners,
        )  # fmt: skip

    def _clients(self) -> list[Namespace]:
        """Return the worlds of the keys that clients used; the test's own where there is none."""
        return [one for one in self.service.namespaces if one.journal] or [self._own()]

    def _own(self) -> Namespace:
        return self.service.namespace(apis.load(self.api), self.api_key)

    def _plan(self, scenario: str | Path | Mapping[str, Any] | Scenario, api: str | None) -> Plan:
        if isinstance(scenario, Scenario):
            if api not in (None, scenario.api):
                raise UsageError(f"The scenario {scenario.name!r} belongs to {scenario.api}, not to {api}.")
            return catalogue.compiled(scenario)
        if isinstance(scenario, Path) or (isinstance(scenario, str) and scenario.endswith(catalogue.SUFFIXES)):
            path = Path(scenario)
            return catalogue.load(path, path.stem)
        return self._catalogue.resolve(scenario, api)


def _switches(given: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return switches_from_flags([f"{name}={json.dumps(value)}" for name, value in given.items()])


def _text(scenario: Scenario) -> str:
    from jobmock.scenario import to_text

    return to_text(scenario)
