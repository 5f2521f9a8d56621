"""What the mocks of one test share: options, one clock, and at the end a verdict and a story."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from math import inf
from threading import get_ident
from time import sleep, time_ns
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

from jobmock.clock import EPOCH, SECOND, Clock
from jobmock.etiquette import Finding, RuleSettings
from jobmock.models import Scenario
from jobmock.virtual import coupled

from .counterexamples import of_hypothesis
from .live import LiveMock
from .local import LocalMock
from .marker import Marked
from .messages import complaint
from .options import Options
from .patience import Patience
from .remote import RemoteClock, RemoteMock
from .server import MockServer
from .stash import BENCH, LIMIT
from .summary import PROPERTY

if TYPE_CHECKING:
    from .mock import Mock

_MODES = {"virtual": "manual"}
"""What the clock does; where nothing else stands here, what the option is called after."""
_SETTLING = 100
_PASSING = ("real", "scaled")
"""Modes in which time passes by itself."""
_PAUSE = 0.0005


class Bench:
    """One test's mocks."""

    def __init__(self, server: MockServer, options: Options, marked: Marked, item: pytest.Item) -> None:
        if options.live:
            options = replace(options, time="real", start=None)
        self.server, self.options, self.marked, self.item = server, options, marked, item
        self.manners = RuleSettings(floor=round(options.floor * SECOND), severities=options.rules)
        mode = _MODES.get(options.time, options.time)
        in_property = of_hypothesis(getattr(item, "obj", None))
        start = _start(options, in_property)
        self.remote_clock = RemoteClock(mode, options.speed, start)
        self.clock = Clock(mode, options.speed, start=start)
        self.ports: set[int] = set()
        self.stack = ExitStack()
        self.mocks: dict[str, Mock] = {}
        self._failed, self._story = False, ""
        seen = self.virtual or not options.url  # nobody tells here what another server is asked
        self.patience = Patience(
            self.remote_clock if options.url else self.clock, options.deadline if seen else inf,
            jobs_ended=self._jobs_ended, limit=lambda: item.stash.get(LIMIT, None),
            fruitless=options.time not in _PASSING, in_property=in_property, stack=self.stack, at_end=self._remember,
        )  # fmt: skip

    @property
    def began(self) -> int:
        """The reading at which the clock began, in nanoseconds."""
        return self.remote_clock.started if self.options.url else self.clock.started

    def replayed_from(self, scenario: object) -> int | None:
        """Return where the clock began when this counterexample was saved; None for what isn't one of the test's."""
        starts: Mapping[str, int] = getattr(getattr(self.item, "obj", None), "jobmock_starts", {})
        return starts.get(scenario.name) if isinstance(scenario, Scenario) else None

    @property
    def virtual(self) -> bool:
        """Whether the client's own time is virtual too."""
        return self.options.time == "virtual"

    def mock(self, api: str) -> Mock:
        """Return the test's mock of an API."""
        if api not in self.mocks:
            kind = LiveMock if self.options.live else RemoteMock if self.options.url else LocalMock
            made: AbstractContextManager[Mock] = kind.made(self, api)
            self.mocks[api] = self.stack.enter_context(made)
        return self.mocks[api]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the test run, in virtual time if it chose so; then close its mocks, and judge its client."""
        clock: Any = self.remote_clock if self.options.url else self.clock
        in_time = coupled(clock, settle=self.settle, ports=self.ports) if self.virtual else nullcontext()
        with self.stack, in_time as world:
            if world is not None:
                self.patience.world, world.guard = world, self.patience.look
            yield
        self._judge()

    def _jobs_ended(self) -> int:
        return sum(mock.ended() for mock in self.mocks.values())

    def settle(self) -> None:
        """Return when every request that has arrived is answered, or waits for the clock or for nothing."""
        for _ in range(_SETTLING):
            self.server.host.settle()
            if not any(mock.busy for mock in self.mocks.values()):
                return
            sleep(_PAUSE)

    def watch(self) -> None:
        """Notice a client that has gone on for too long, and one that virtual time doesn't reach.

        Called at each request: in process in the client's own thread, else in the server's.
        """
        in_process = get_ident() != self.server.host.ident
        if self.patience.world is not None:
            self.patience.world.asked()
        if in_process or not self.virtual:
            self.patience.look(may_raise=in_process)

    def ended(self, call: pytest.CallInfo[None]) -> pytest.ExceptionInfo[BaseException] | None:
        """Let the test fail for a client that went on for too long, however its call ended, and say only that.

        Returns the error that its call ended with, if it is no longer told.
        """
        self.patience.pursuit.close()
        if self.patience.over is None:
            return None
        met = call.excinfo
        failure = pytest.fail.Exception(self.patience.over.said, pytrace=False)
        call.excinfo = pytest.ExceptionInfo.from_exc_info((type(failure), failure, _traceback(call)))
        self.patience.begin()
        return met

    def reported(self, report: pytest.TestReport) -> None:
        """Add the story of a failed test to its report, and write its artifacts; forget the test at its end."""
        if report.failed:
            self._tell(report)
        if report.when == "teardown":
            del self.item.stash[BENCH]

    def _tell(self, report: pytest.TestReport) -> None:
        """Tell what there is to tell; whatever goes wrong in that must not hide why the test failed."""
        from .artifacts import write
        from .story import story

        if LIMIT in self.item.stash:
            self.item.config.hook.pytest_timeout_cancel_timer(item=self.item)
        self._failed, mocks = True, [mock for mock in self.mocks.values() if not mock.live]
        if not mocks:
            return
        try:
            report.sections.append(("jobmock", self._story or story(mocks)))
            if self.options.artifacts:
                for path in write(self.options.artifacts, self.item.nodeid, mocks):
                    report.sections.append(("jobmock artifact", str(path)))
        except Exception as error:
            text = f"There is no more to tell, for that failed itself: {type(error).__name__}: {error}"
            report.sections.append(("jobmock", text))

    def _remember(self) -> None:
        """Keep the story as it is when a client is ended: what it sends after that is no doing of its own."""
        from .story import story

        self._story = story([mock for mock in self.mocks.values() if not mock.live])

    def _judge(self) -> None:
        """Note what the client did wrong, for the summary; at the level `error` fail the test for it."""
        if self.options.etiquette == "off":
            return
        seen = [finding for mock in self.mocks.values() for finding in mock.verified]
        known = {(finding.rule, finding.job) for finding in seen}
        findings = [finding for mock in self.mocks.values() for finding in mock.findings()]
        found = [finding for finding in findings if (finding.rule, finding.job) not in known]
        for finding in (*seen, *found):
            self.item.user_properties.append((PROPERTY, json.dumps(_row(finding))))
        broken = [finding for finding in found if finding.severity == "error"]
        if broken and self.options.etiquette == "error" and not self._failed:
            pytest.fail(complaint(found, ()), pytrace=False)


def _traceback(call: pytest.CallInfo[None]) -> TracebackType:
    """Return that of the call's own error, for a debugger to stand in; any other where it has none."""
    if call.excinfo is not None:
        return call.excinfo.tb
    return TracebackType(None, sys._getframe(), 0, 1)


def _start(options: Options, in_property: bool) -> int | None:
    """Return where a test's clock begins, None for real time.

    By default it is today's date, on a whole second, so that times of day are exact; for a Hypothesis test, whose
    examples have to do the same in every run, it is a fixed one.
    """
    if options.start is not None or options.time == "real":
        return options.start
    return EPOCH if in_property else time_ns() // SECOND * SECOND


def _row(finding: Finding) -> dict[str, Any]:
    return {"rule": finding.rule, "severity": finding.severity, "evidence": finding.evidence}
