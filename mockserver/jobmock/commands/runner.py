"""Runs a command once for each planned run, some of them at once, and judges what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Protocol

from ..catalogue import Catalogue
from ..client_reports.activity import ClientActivity
from ..client_reports.artifacts import file_stem
from ..clock import SECOND
from ..errors import StartError, UsageError
from ..etiquette import RuleSettings
from ..server.listeners import Host
from .child import Child
from .command_run import CommandRun
from .environment import client_environment
from .intercept_environment import InterceptEnvironment
from .interception import intercepted
from .planning import PlannedRun
from .run_mock import MockSettings, RunMock
from .signals import Signals
from .time_limits import TimeLimits

NOT_FOUND, NOT_EXECUTABLE = 127, 126
_TIMES_OF_WINDOWS = ("real", "scaled")


class NotStarted(UsageError):
    """A command can't be started. `exit_code` is the one of a shell in that case."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """The settings of all runs of a command. `rules` are None if no client is judged; times are in seconds.

    A finding of the severity error fails a run only if it is `strict`. `jobs` is how many runs there are at once.
    """

    mock: MockSettings
    rules: RuleSettings | None
    strict: bool = True
    variables: Sequence[tuple[str, str]] = ()
    intercept: bool = False
    no_network: bool = False
    timeout: float | None = None
    deadline: float | None = None
    artifacts: Path | None = None
    jobs: int = 1
    base: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """The environment of the command, to which jobmock's own variables are added."""


class Display(Protocol):
    """Shows runs when they begin and end. It is called in their threads."""

    def notes(self, sentences: Iterable[str]) -> None:
        """Show what must be said about all runs."""

    def begins(self, number: int, planned: PlannedRun) -> None:
        """Show that the n-th run begins."""

    def ends(self, number: int, run: CommandRun, output: tuple[bytes, bytes]) -> None:
        """Show the n-th run, and what it wrote to stdout and stderr if that was collected."""


class CommandRunner:
    """Runs a command as the client of a mock. Raises StartError if this system can't run it in the wanted time.

    Several runs get no input. The output of runs at once is collected, so that it isn't mixed.
    """

    def __init__(
        self, command: Sequence[str], catalogue: Catalogue, settings: RunSettings, display: Display
    ) -> None:  # fmt: skip
        if sys.platform == "win32" and settings.mock.time not in _TIMES_OF_WINDOWS:
            raise StartError(f"On Windows there is only --time {' and --time '.join(_TIMES_OF_WINDOWS)}.")
        self._command, self._catalogue, self._settings = tuple(command), catalogue, settings
        self._host, self._signals, self._display = Host(), Signals(), display

    @property
    def received(self) -> int | None:
        """The signal after which no run was started any more, or None."""
        return self._signals.ending

    def run(self, planned: Sequence[PlannedRun]) -> list[CommandRun]:
        """Return all runs, in order. Those are left out that a signal kept from beginning. Raises NotStarted."""
        alone = len(planned) == 1
        try:
            with self._signals, ThreadPoolExecutor(self._settings.jobs) as pool:
                futures = [pool.submit(self._run, number, one, alone) for number, one in enumerate(planned, 1)]
                try:
                    return [done for future in futures if (done := self._signals.wait_for(future))]
                finally:
                    pool.shutdown(wait=False, cancel_futures=True)
        finally:
            self._host.end()

    def _run(self, number: int, planned: PlannedRun, alone: bool) -> CommandRun | None:
        if self._signals.ending is not None:
            return None
        with (
            RunMock.served(self._host, self._catalogue, self._settings.mock, planned.plans) as mock,
            self._proxy(mock) as proxy,
        ):
            self._display.notes(proxy.notes)
            self._display.begins(number, planned)
            environment = client_environment(self._settings.base, mock, self._settings.variables, proxy.variables)
            run, output = self._play(planned, mock, environment, alone)
            if self._settings.artifacts:
                run = replace(run, artifacts=_written_artifacts(self._settings.artifacts, planned, mock))
        self._display.ends(number, run, output)
        return run

    def _proxy(self, mock: RunMock) -> AbstractContextManager[InterceptEnvironment]:
        """Return a context manager that yields the variables of a proxy before the mock, or none."""
        settings = self._settings
        if not settings.intercept:
            return nullcontext(InterceptEnvironment({}, ()))
        return intercepted(self._host, mock, settings.base, no_network=settings.no_network)

    def _play(
        self, planned: PlannedRun, mock: RunMock, environment: Mapping[str, str], alone: bool
    ) -> tuple[CommandRun, tuple[bytes, bytes]]:
        """Run the command to its end, and judge it. What it does after jobmock began to end it isn't judged."""
        settings, began, stopped = self._settings, monotonic(), list[list[ClientActivity]]()
        limits = TimeLimits(
            mock.clock, timeout=settings.timeout, deadline=settings.deadline,
            on_stop=lambda: stopped.append(mock.activities(settings.rules)), requests=lambda: mock.requests,
        )  # fmt: skip
        mock.own_processes(limits.stop)
        if settings.rules and settings.strict:
            mock.end_endless_polling(settings.rules, limits.stop)
        with self._signals.passed_to(lambda: self._started(environment, limits, alone)) as child:
            stop = limits.wait()
            code, left = child.end()
        seconds = monotonic() - began
        self._host.settle()
        activities = stopped[0] if stop else mock.activities(settings.rules)
        run = CommandRun(
            scenarios=planned.scenarios, command=self._command, own_code=code, stop=stop, left_behind=left,
            activities=activities, seconds=seconds, strict=settings.strict, coverage=mock.coverage,
            unasked=mock.unasked(settings.variables, intercept=settings.intercept),
            clock_seconds=max((one.elapsed for one in activities), default=mock.clock.elapsed / SECOND),
        )  # fmt: skip
        return run, child.output

    def _started(self, environment: Mapping[str, str], limits: TimeLimits, alone: bool) -> Child:
        """Start the command. Raises NotStarted."""
        stdin = None if alone else subprocess.DEVNULL
        try:
            return Child(
                self._command, environment, stdin=stdin, captured=self._settings.jobs > 1 and not alone,
                on_end=limits.end,
            )  # fmt: skip
        except FileNotFoundError:
            raise NotStarted(f"The command {self._command[0]!r} can't be found.", NOT_FOUND) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotStarted(f"The command {self._command[0]!r} can't be run: {reason}.", NOT_EXECUTABLE) from None


def _written_artifacts(folder: Path, planned: PlannedRun, mock: RunMock) -> list[Path]:
    """Write the artifacts of a run, and return their paths. Raises UsageError."""
    try:
        return mock.write_artifacts(folder, file_stem(planned.name, *planned.sources))
    except OSError as error:
        raise UsageError(f"{error.filename or str(folder)!r} can't be written: {error.strerror}.") from None
