"""What a test holds in its hand: the mock of one API."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jobmock.errors import JobmockError, UsageError
from jobmock.etiquette import Finding, Verdict

from .endless import Endless
from .messages import complaint

if TYPE_CHECKING:
    from jobmock.models import Exchange, Scenario

    from .intercept import Intercept
    from .session import Bench
    from .testclock import TestClock

_NOTHING = object()


class PlayedJob(NamedTuple):
    """A job that exists already: poll it by its `id`."""

    id: str
    scenario: str


class Mock(ABC):
    """The mock of one API, on a port of its own and in process, for one test."""

    api: str
    """`clado` or `orbit`."""
    api_key: str
    """A key that it accepts; so it does any other of the API's form."""
    clock: TestClock
    """The clock that jobs, limits, Retry-After, delays and, in virtual time, the client itself go by."""
    host: str
    """The host of the real API."""
    live: bool = False
    """Whether it is no mock at all, but the real API."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.verified: tuple[Finding, ...] = ()
        """What `verify` has found already, so that the test's end doesn't fail for it again."""
        self._drawn: Any = None

    @property
    def began(self) -> int:
        """The clock's reading when the test began, or since the last reset, in nanoseconds."""
        return self._bench.began

    @property
    @abstractmethod
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:PORT`, for real sockets."""

    @property
    @abstractmethod
    def transport(self) -> Any:
        """An in-process transport for `Client` and `AsyncClient` of httpx and httpx2 alike."""

    @property
    @abstractmethod
    def journal(self) -> Sequence[Exchange]:
        """Every request so far and its outcome, oldest first."""

    @property
    @abstractmethod
    def busy(self) -> bool:
        """Whether a request is being answered just now."""

    @abstractmethod
    def ended(self) -> int:
        """Return how many jobs are at their end."""

    def play(self, scenario: str | Path | Mapping[str, Any] | Scenario, *, job_id: str | None = None) -> PlayedJob:
        """Play a scenario, given by name, path, mapping or as a Scenario, for jobs that the client starts from now on.

        Returns one such job that exists already, under an id of your choice if given. Raises ScenarioError, UsageError.
        """
        __tracebackhide__ = True
        start = self._bench.replayed_from(scenario)
        if start not in (None, self.began) and not self.clock.elapsed:
            self._restart(start)
        try:
            played = self._play(scenario, job_id)
        except JobmockError as error:
            raise error.with_traceback(None) from None
        self._drawn = scenario
        return played

    @abstractmethod
    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        """Do what `play` says."""

    @abstractmethod
    def take_up(self) -> None:
        """Let jobs play what the test's marker says, as when the test began."""

    def reset(self) -> None:
        """Begin anew: no jobs, an empty journal, full buckets and credits, the clock at its start."""
        self._restart(None)

    def _restart(self, start: int | None) -> None:
        self._bench.patience.rest()
        self._begin(start)
        self._bench.patience.begin()

    @abstractmethod
    def _begin(self, start: int | None) -> None:
        """Do what `reset` says, with the clock at a reading of its own if that is given."""

    @abstractmethod
    def played(self) -> Mapping[str, Callable[[], str]]:
        """Return the names of the scenarios that jobs played, each with what gives its text as YAML."""

    @abstractmethod
    def write_traffic(self, path: Path) -> None:
        """Write the traffic so far into a file, as HAR 1.2."""

    @abstractmethod
    def judge(self, outcome: str | None, job: str | None) -> Verdict:
        """Return the verdict on the client so far; `outcome` is `returned`, `raised` or None."""

    def env(self, url: str | None = None, key: str | None = None) -> dict[str, str]:
        """Return the environment for a client in a process of its own: this one's, with the base URL and the key.

        Their names are `CLADO_BASE_URL` and `CLADO_API_KEY` (or `ORBIT_…`), unless you give others.
        """
        name = self.api.upper()
        own = {url or f"{name}_BASE_URL": self.url, key or f"{name}_API_KEY": self.api_key}
        return {**os.environ, **own}

    def intercept(self, *, allow: Sequence[str] = ()) -> Intercept:
        """Send calls of httpx, httpx2, requests and aiohttp to the real API's host here, until the test's end.

        As a context manager, until the end of its block. Any other host is refused, unless it is in `allow`.
        """
        from .intercept import Intercept

        return self._bench.stack.enter_context(Intercept(self, allow))

    def findings(self) -> tuple[Finding, ...]:
        """Return what the client did wrong so far, as far as the mock's end can tell."""
        return self.judge(None, None).findings

    def verify(self, *, returned: Any = _NOTHING, raised: Any = None, job: str | None = None) -> Verdict:
        """Raise an AssertionError that lists what the client did wrong; return the verdict if that is nothing.

        How the client's call ended, for `job` or the last one, is handed over as `returned` or as `raised`, so that
        what only the client's end can tell is judged too. Raises UsageError where both are given.
        """
        __tracebackhide__ = True
        if returned is not _NOTHING and raised is not None:
            raise UsageError("A call either returned something or raised something: give one of the two.")
        outcome = "returned" if returned is not _NOTHING else "raised" if raised is not None else None
        verdict = self.judge(outcome, job)
        self.verified = verdict.findings
        if any(finding.severity == "error" for finding in verdict.findings):
            raise AssertionError(complaint(verdict.findings, verdict.not_judged))
        return verdict

    @contextmanager
    def example(self) -> Iterator[Mock]:
        """Begin anew for one example of a Hypothesis test; at the level `error`, judge the client at its end."""
        self.reset()
        self.take_up()
        self.verified, self._drawn = (), None
        try:
            yield self
            self._bench.patience.check()
            if self._bench.options.etiquette == "error":
                self.verify()
        except (Exception, Endless) as error:
            from jobmock.strategies.regressions import attach_scenario

            attach_scenario(error, self._drawn)
            raise
