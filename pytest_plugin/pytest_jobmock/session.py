"""The mocks of one test and what they share: options, one clock, a deadline, and the verdict at the test's end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import cached_property, partial
from math import inf
from threading import get_ident
from time import time_ns
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from jobmock.clock import EPOCH, SECOND, Clock
from jobmock.etiquette import RuleSettings
from jobmock.models import Scenario
from jobmock.preloads.environment import virtual_time_variables
from jobmock.proxies import no_proxy
from jobmock.virtual import note_request, virtual_time

from .child_time import Children, LocalChildren
from .counterexamples import is_property
from .marker import MarkerArguments
from .messages import findings_message
from .mocks.live import LiveMock
from .mocks.local import LocalMock
from .mocks.remote import RemoteMock
from .mocks.remote_clock import RemoteClock
from .mocks.server import MockServer
from .options import Options
from .reporting.quiet_log import quiet_log
from .reporting.summary import record
from .time_limits.deadline import Deadline
from .time_limits.pytest_timeout import timeout_of

if TYPE_CHECKING:
    from jobmock.server.shared_time.shared_time import SharedTime
    from jobmock.virtual import Scheduler

    from .mocks.mock import Mock
    from .reporting.coverage import CoverageReporter
    from .reporting.failure import FailureSections

_CLOCK_MODES = {"virtual": "manual"}
"""The mode of the mocks' clock, where it differs from the option `time`."""
_IN_REAL_TIME = ("real", "skip-delays")
"""Modes in which the clock begins at the real time and runs on."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PASSING = (*_IN_REAL_TIME, "scaled")
"""Modes in which time passes by itself."""


class MockSession:
    """The mocks of one test."""

    def __init__(self, server: MockServer, options: Options, arguments: MarkerArguments, item: pytest.Item) -> None:
        if options.control and not options.url:
            raise pytest.UsageError("--jobmock-control is a server's control_url: give its url too, by --jobmock-url.")
        if options.live:
            options = replace(options, time="real", start=None)
        self.server, self.options, self.arguments, self.item = server, options, arguments, item
        self.coverage: CoverageReporter | None = None
        self.rule_settings = RuleSettings(min_interval=round(options.min_interval * SECOND), severities=options.rules)
        self._in_property = is_property(getattr(item, "obj", None))
        mode, start = _CLOCK_MODES.get(options.time, options.time), _start(options, self._in_property)
        self.remote_clock = RemoteClock(mode, options.speed, start)
        self.clock = Clock(mode, options.speed, start=start)
        self._shared_clock = self.remote_clock if options.url else self.clock
        self.ports: set[int] = set()
        self._children: Children | None = None
        self.mocks: dict[str, Mock] = {}
        self.stack, self._failed = ExitStack(), False
        self.deadline = self._new_deadline()

    @property
    def started_at(self) -> int:
        """The reading at which the clock started, in nanoseconds."""
        return self._shared_clock.started

    @property
    def virtual(self) -> bool:
        """Whether the client's own time is virtual too."""
        return self.options.time == "virtual"

    def replay_start(self, scenario: object) -> int | None:
        """Return where the clock started when this counterexample was saved; None if the scenario is not one."""
        starts: Mapping[str, int] = getattr(getattr(self.item, "obj", None), "jobmock_starts", {})
        return starts.get(scenario.name) if isinstance(scenario, Scenario) else None

    def mock(self, api: str) -> Mock:
        """Return the test's mock of an API."""
        if api not in self.mocks:
            kind = LiveMock if self.options.live else RemoteMock if self.options.url else LocalMock
            opened: AbstractContextManager[Mock] = kind.opened(self, api)
            self.mocks[api] = mock = self.stack.enter_context(opened)
            self.stack.enter_context(no_proxy(mock.direct_hosts))
            if self.coverage is not None:
                self.stack.callback(self.coverage.add_of, mock)
        return self.mocks[api]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the test within this block, in virtual time if the test chose it; then close the mocks, and judge."""
        clock: Any = self._shared_clock  # a RemoteClock has all that virtual time uses
        settings: dict[str, Any] = {
            "wait_until_idle": self.settle, "ports": self.ports, "server_sockets": self.server.host.ends,
        }  # fmt: skip
        in_time = virtual_time(clock, **settings) if self.virtual else nullcontext()
        with quiet_log(), self.stack, in_time as scheduler:
            if scheduler is not None:
                self.deadline.attach(scheduler)
                self.remote_clock.watch(scheduler.external.servers.in_flight)
            yield
        self._report_findings()

    def settle(self) -> object:
        """Return when each request that has arrived is answered, or waits for the clock, or never gets an answer.

        The result changes whenever the server has done anything.
        """
        return self.server.host.settle_while(lambda: any(mock.busy for mock in self.mocks.values()))

    @cached_property
    def shared_time(self) -> SharedTime:
        """The clock of the mocks in this process, as child processes share it."""
        from jobmock.server.shared_time.shared_time import SharedTime

        return SharedTime()

    def child_variables(self, mock: Mock) -> dict[str, str]:
        """Return the variables that bring a child process into the test's virtual time; none in other modes of time.

        From now on the test shares its clock.
        """
        scheduler = self.deadline.scheduler
        if not self.virtual or scheduler is None:
            return {}
        urls = {one.host: urlsplit(one.url) for one in self.mocks.values()}
        hosts = {host: url.port for host, url in urls.items() if url.port and url.hostname in _LOOPBACK}
        if self._children is None:
            self._children = self._share_time(scheduler)
        return virtual_time_variables(
            os.environ, mock.control_url, mock.api_key, self._shared_clock, ports=self.ports, hosts=hosts
        )

    def _share_time(self, scheduler: Scheduler) -> Children:
        if self.options.url:
            return Children(scheduler, self.remote_clock.others)
        children = LocalChildren(scheduler, self.server.host, self.shared_time, self.clock, self.ports)
        self.stack.callback(children.end)
        return children

    def check_client(self, connection: object) -> None:
        """Stop a client that has run for too long, or that virtual time doesn't reach.

        Called at each request: in process by the client's own thread, else by the server's.
        """
        in_process = get_ident() != self.server.host.ident
        children = self._children
        if isinstance(children, LocalChildren):
            children.note_request(connection)
        elif self.deadline.scheduler is not None:
            note_request(self.deadline.scheduler)
        if in_process or not self.virtual or children is not None:
            self.deadline.check(may_raise=in_process)

    def fail_if_stopped(self, call: pytest.CallInfo[None]) -> pytest.ExceptionInfo[BaseException] | None:
        """Fail the test of a client that the deadline stopped, however the test's call ended.

        Returns the error with which the call ended, if this failure replaces it.
        """
        self.deadline.interrupter.stop()
        if self.deadline.exceeded is None:
            return None
        replaced = call.excinfo
        failure = pytest.fail.Exception(self.deadline.exceeded.message, pytrace=False)
        call.excinfo = pytest.ExceptionInfo.from_exc_info((type(failure), failure, _traceback(call)))
        self.deadline.restart()
        return replaced

    def extend_report(self, report: pytest.TestReport) -> None:
        """Add the story and the artifacts of a failed test to its report."""
        if not report.failed:
            return
        self._failed = True
        if timeout_of(self.item) is not None:
            self.item.config.hook.pytest_timeout_cancel_timer(item=self.item)
        self._sections.add_to(report, self.item.nodeid)

    @cached_property
    def _sections(self) -> FailureSections:
        from .reporting.failure import FailureSections

        return FailureSections(self.mocks, self.options.artifacts)

    def _new_deadline(self) -> Deadline:
        """Return the deadline of the test; on a running server, only a test in virtual time has one."""
        options = self.options
        return Deadline(
            self._shared_clock, options.deadline if self.virtual or not options.url else inf,
            jobs_ended=self._jobs_ended, timeout=partial(timeout_of, self.item),
            needs_progress=options.time not in _PASSING, in_property=self._in_property,
            stack=self.stack, before_stop=lambda: self._sections.freeze(), broken_rules=self._broken_rules,
        )  # fmt: skip

    def _broken_rules(self) -> list[str]:
        """Return the rules of the severity `error` that the client broke, each once; none if it isn't judged."""
        mocks = [mock for mock in self.mocks.values() if not mock.live and self.options.etiquette != "off"]
        findings = [finding for mock in mocks for finding in mock.findings()]
        return list(dict.fromkeys(finding.rule for finding in findings if finding.severity == "error"))

    def _jobs_ended(self) -> int:
        return sum(mock.ended_jobs() for mock in self.mocks.values())

    def _report_findings(self) -> None:
        """Record what the client did wrong, for the summary; at the level `error`, fail the test for it."""
        if self.options.etiquette == "off":
            return
        verified = [finding for mock in self.mocks.values() for finding in mock.verified]
        known = {(finding.rule, finding.job) for finding in verified}
        findings = [finding for mock in self.mocks.values() for finding in mock.findings()]
        new = [finding for finding in findings if (finding.rule, finding.job) not in known]
        record(self.item, (*verified, *new))
        broken = any(finding.severity == "error" for finding in new)
        if broken and self.options.etiquette == "error" and not self._failed:
            pytest.fail(findings_message(new, {}), pytrace=False)


def _traceback(call: pytest.CallInfo[None]) -> TracebackType:
    """Return the traceback of the call's own error, for a debugger; an empty one if the call raised none."""
    if call.excinfo is not None:
        return call.excinfo.tb
    return TracebackType(None, sys._getframe(), 0, 1)


def _start(options: Options, in_property: bool) -> int | None:
    """Return the reading at which a test's clock starts; None for real time.

    The default is today's time on a whole second, so that times of day are exact. A Hypothesis test starts at a fixed
    date, because its examples have to do the same in every run.
    """
    if options.start is not None or options.time in _IN_REAL_TIME:
        return options.start
    return EPOCH if in_property else time_ns() // SECOND * SECOND
