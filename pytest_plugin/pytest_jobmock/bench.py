"""What the mocks of one test share: options, one clock, and at the end a verdict and a story."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from time import sleep, time_ns
from typing import TYPE_CHECKING, Any

import pytest

from jobmock.clock import EPOCH, SECOND, Clock
from jobmock.etiquette import Finding, Manners
from jobmock.models import Scenario
from jobmock.virtual import coupled

from .counterexamples import of_hypothesis
from .keys import BENCH
from .live import LiveMock
from .local import LocalMock
from .marking import Marked
from .options import Options
from .remote import RemoteClock, RemoteMock
from .server import MockServer
from .summary import PROPERTY
from .wording import complaint

if TYPE_CHECKING:
    from .mock import Mock

_MODES = {"virtual": "manual"}
"""What the clock does; where nothing else stands here, what the option is called after."""
_SETTLING = 100
_LONGEST = 72 * 3600 * SECOND
"""Of virtual time in one test: a client that goes on longer has no deadline, and the test would never end."""
_PAUSE = 0.0005


class Bench:
    """One test's mocks."""

    def __init__(self, server: MockServer, options: Options, marked: Marked, item: pytest.Item) -> None:
        if options.live:
            options = replace(options, time="real", start=None)
        self.server, self.options, self.marked, self.item = server, options, marked, item
        self.manners = Manners(floor=round(options.floor * SECOND), severities=options.rules)
        mode = _MODES.get(options.time, options.time)
        start = _start(options, item)
        self.remote_clock = RemoteClock(mode, options.speed, start)
        self.clock = Clock(mode, options.speed, start=start)
        self.ports: set[int] = set()
        self.stack = ExitStack()
        self.mocks: dict[str, Mock] = {}
        self._failed = False

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
                world.guard = partial(self._no_end, clock)
            yield
        self._judge()

    def _no_end(self, clock: Any) -> None:
        """Fail the test, in the client's own call, where the client goes on and on."""
        if clock.elapsed > _LONGEST:
            pytest.fail(f"The client was still at it after {_LONGEST // (3600 * SECOND)} hours of virtual time.", False)

    def settle(self) -> None:
        """Return when every request that has arrived is answered, or waits for the clock or for nothing."""
        for _ in range(_SETTLING):
            self.server.host.settle()
            if not any(mock.busy for mock in self.mocks.values()):
                return
            sleep(_PAUSE)

    def watch(self) -> None:
        """Notice a client in process that really sleeps while virtual time stands still."""
        if self.virtual:
            come_by()

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

        self._failed, mocks = True, [mock for mock in self.mocks.values() if not mock.live]
        if not mocks:
            return
        try:
            report.sections.append(("jobmock", story(mocks)))
            if self.options.artifacts:
                for path in write(self.options.artifacts, self.item.nodeid, mocks):
                    report.sections.append(("jobmock artifact", str(path)))
        except Exception as error:
            text = f"There is no more to tell, for that failed itself: {type(error).__name__}: {error}"
            report.sections.append(("jobmock", text))

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


def _start(options: Options, item: pytest.Item) -> int | None:
    """Return where a test's clock begins, None for real time.

    By default it is today's date, on a whole second, so that times of day are exact; for a Hypothesis test, whose
    examples have to do the same in every run, it is a fixed one.
    """
    if options.start is not None or options.time == "real":
        return options.start
    return EPOCH if of_hypothesis(getattr(item, "obj", None)) else time_ns() // SECOND * SECOND


def _row(finding: Finding) -> dict[str, Any]:
    return {"rule": finding.rule, "severity": finding.severity, "evidence": finding.evidence}
