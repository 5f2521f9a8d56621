"""The mock of one API, as a test uses it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jobmock.client_reports.activity import KeyActivity
from jobmock.client_reports.titles import title
from jobmock.errors import JobmockError, UsageError
from jobmock.etiquette import Finding, ReturnedValue, Verdict, describe
from jobmock.proxies import without_proxy

from ..messages import findings_message
from ..time_limits.errors import DeadlineExceeded

if TYPE_CHECKING:
    import ssl

    from jobmock.coverage import Coverage
    from jobmock.models import Exchange, Scenario

    from ..clock import MockClock
    from .context import MockContext
    from .intercept import Intercept

_NOT_GIVEN = object()


class PlayedJob(NamedTuple):
    """A job that exists already: poll it by its `id`."""

    id: str
    scenario: str


class Mock(ABC):
    """The mock of one API for one test: on a port of its own, and in process."""

    api: str
    """`clado` or `orbit`."""
    api_key: str
    """A key that the mock accepts. It accepts any other key of the API's form too."""
    clock: MockClock
    """The clock of jobs, limits, Retry-After and delays, and in virtual time of the client itself."""
    host: str
    """The host of the real API."""
    live: bool = False
    """Whether this is the real API in a mock's place."""
    _always_allowed: Sequence[str] = ()
    """The hosts that `intercept` always lets through."""

    def __init__(self, session: MockContext) -> None:
        self._session = session
        self.verified: tuple[Finding, ...] = ()
        """The findings that `verify` has reported; the test's end doesn't fail for them again."""
        self._last_played: Any = None

    @property
    def started_at(self) -> int:
        """The clock's reading when the test began, or since the last reset, in nanoseconds."""
        return self._session.started_at

    @property
    @abstractmethod
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:PORT`, for real sockets."""

    @property
    def control_url(self) -> str:
        """The URL of the control API."""
        return self.url

    @abstractmethod
    def address(self, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Return the loopback address of the mock, with TLS if a context is given. It listens from then on."""

    @property
    @abstractmethod
    def direct_hosts(self) -> Sequence[str]:
        """The hosts that clients call without a proxy: the mock's, and the real API's, which `intercept` mocks."""

    @property
    @abstractmethod
    def transport(self) -> Any:
        """An in-process transport for `Client` and `AsyncClient` of httpx and httpx2 alike."""

    @property
    @abstractmethod
    def journal(self) -> Sequence[Exchange]:
        """All requests and their outcomes, oldest first."""

    @property
    def dropped(self) -> int:
        """How many of the oldest requests the journal no longer has."""
        return 0

    def keys(self) -> Sequence[KeyActivity]:
        """Return what the client did with each key; nothing by default."""
        return ()

    @property
    @abstractmethod
    def busy(self) -> bool:
        """Whether the mock is answering a request now."""

    @abstractmethod
    def ended_jobs(self) -> int:
        """Return how many jobs have ended."""

    def play(self, scenario: str | Path | Mapping[str, Any] | Scenario, *, job_id: str | None = None) -> PlayedJob:
        """Play a scenario for jobs that the client starts from now on. It is a name, path, mapping or Scenario.

        Returns one such job that exists already, under an id of your choice if given. Raises ScenarioError, UsageError.
        """
        __tracebackhide__ = True
        start = self._session.replay_start(scenario)
        if start not in (None, self.started_at) and not self.clock.elapsed:
            self._reset(start)
        try:
            played = self._play(scenario, job_id)
        except JobmockError as error:
            raise error.with_traceback(None) from None
        self._last_played = scenario
        return played

    @abstractmethod
    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        """Do the work of `play`."""

    @abstractmethod
    def apply_marker(self) -> None:
        """Let jobs play the scenarios of the test's marker, as when the test began."""

    def reset(self) -> None:
        """Start again: no jobs, an empty journal, full buckets and credits, the clock at its start."""
        self._reset(None)

    def _reset(self, start: int | None) -> None:
        self._session.deadline.suspend()
        self._clear(start)
        self._session.deadline.restart()

    @abstractmethod
    def _clear(self, start: int | None) -> None:
        """Do the work of `reset`, with the clock at this reading if one is given."""

    @abstractmethod
    def played(self) -> Mapping[str, Callable[[], str]]:
        """Return the names of the scenarios that jobs played, each with a function that returns its YAML."""

    def titles(self) -> Sequence[str]:
        """Return what a story calls the scenarios that jobs played."""
        return list(map(title, self.played()))

    @abstractmethod
    def write_traffic(self, path: Path) -> None:
        """Write the traffic into a file, as HAR 1.2."""

    @abstractmethod
    def coverage(self) -> Coverage:
        """Return what the client met of the API, if the run counts that."""

    @abstractmethod
    def judge(self, outcome: str | None, job: str | None, returned: ReturnedValue | None = None) -> Verdict:
        """Return the verdict on the client; `outcome` is `returned`, `raised` or None, `returned` what was returned."""

    def env(self, url: str | None = None, key: str | None = None) -> dict[str, str]:
        """Return the environment for a client in another process: this one's, with the base URL and the key.

        Their names are `CLADO_BASE_URL` and `CLADO_API_KEY` (or `ORBIT_…`), unless you give others. NO_PROXY has the
        mock's host too. In virtual time, a client in Node or CPython takes part in the test's time.
        """
        name = self.api.upper()
        own = {url or f"{name}_BASE_URL": self.url, key or f"{name}_API_KEY": self.api_key}
        direct, time = without_proxy(os.environ, self.direct_hosts), self._session.child_variables(self)
        return {**os.environ, **direct, **time, **own}

    def intercept(self, *, allow: Sequence[str] = ()) -> Intercept:
        """Send calls to the real API's host to this mock, whichever library makes them, until the test's end.

        As a context manager, until the end of its block. Any other host is refused, unless it is in `allow` or on the
        loopback address.
        """
        from .intercept import Intercept

        names = (allow,) if isinstance(allow, str) else allow
        target = None if self.live else self
        return self._session.stack.enter_context(Intercept(target, (*names, *self._always_allowed)))

    def findings(self) -> tuple[Finding, ...]:
        """Return what the client did wrong, judged by its requests alone."""
        return self.judge(None, None).findings

    def verify(self, *, returned: Any = _NOT_GIVEN, raised: Any = None, job: str | None = None) -> Verdict:
        """Raise an AssertionError that lists what the client did wrong; return the verdict if no finding is an error.

        `returned` or `raised` is how the client's call ended, for `job` or else the last one. Some rules are judged
        only with it. Raises UsageError where both are given.
        """
        __tracebackhide__ = True
        if returned is not _NOT_GIVEN and raised is not None:
            raise UsageError("A call either returned a value or raised an error: give one of the two.")
        outcome = "returned" if returned is not _NOT_GIVEN else "raised" if raised is not None else None
        verdict = self.judge(outcome, job, describe(returned) if outcome == "returned" else None)
        self.verified = verdict.findings
        if any(finding.severity == "error" for finding in verdict.findings):
            raise AssertionError(findings_message(verdict.findings, verdict.not_judged))
        return verdict

    @contextmanager
    def example(self) -> Iterator[Mock]:
        """Reset the mock for one example of a Hypothesis test; at the level `error`, judge the client at its end."""
        self.reset()
        self.apply_marker()
        self.verified, self._last_played = (), None
        try:
            yield self
            self._session.deadline.raise_if_exceeded()
            if self._session.options.etiquette == "error":
                self.verify()
        except (Exception, DeadlineExceeded) as error:
            from jobmock.strategies.regressions import attach_scenario

            attach_scenario(error, self._last_played)
            raise
