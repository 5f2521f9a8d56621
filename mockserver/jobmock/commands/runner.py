"""Runs a command once for each planned run, some of them at once, and judges what it did."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Protocol

from ..catalogue import Catalogue
from ..client_reports.artifacts import file_stem
from ..clock import SECOND
from ..errors import UsageError
from ..etiquette import RuleSettings
from ..server.listeners import Host
from .child import Child
from .command_run import CommandRun
from .environment import client_environment
from .intercept_environment import InterceptEnvironment
from .interception import intercepted
from .planning import PlannedRun
from .run_mock import MockSettings, RunMock, check_time
from .signals import Signals
from .starting import start_child
from .time_limits import TimeLimits
from .whole_run import run_to_end


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
        check_time(settings.mock.time)
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
                run = replace(run, artifacts=_written_artifacts(self._settings.artifacts, planned, mock, run))
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
        """Run the command to its end, and judge it."""
        settings, began = self._settings, monotonic()
        whole = run_to_end(
            self._host, self._signals, mock, lambda limits: self._started(environment, limits, alone),
            lambda: mock.activities(settings.rules), timeout=settings.timeout, deadline=settings.deadline,
            watch=lambda limits: self._watch(mock, limits),
        )  # fmt: skip
        activities = whole.seen
        run = CommandRun(
            scenarios=planned.scenarios, command=self._command, own_code=whole.exit_code, stop=whole.stop,
            left_behind=whole.left_behind, activities=activities, seconds=monotonic() - began, strict=settings.strict,
            unasked=mock.unasked(settings.variables, intercept=settings.intercept), coverage=mock.coverage,
            clock_seconds=max((one.elapsed for one in activities), default=mock.clock.elapsed / SECOND),
        )  # fmt: skip
        return run, whole.output

    def _watch(self, mock: RunMock, limits: TimeLimits) -> None:
        """End a client that breaks the rule about deadlines, if that fails the run."""
        settings = self._settings
        if settings.rules and settings.strict:
            mock.end_endless_polling(settings.rules, limits.stop)

    def _started(self, environment: Mapping[str, str], limits: TimeLimits, alone: bool) -> Child:
        """Start the command. Raises NotStarted."""
        stdin = None if alone else subprocess.DEVNULL
        captured = self._settings.jobs > 1 and not alone
        return start_child(self._command, environment, stdin=stdin, captured=captured, on_end=limits.end)


def _written_artifacts(folder: Path, planned: PlannedRun, mock: RunMock, run: CommandRun) -> list[Path]:
    """Write the artifacts of a run, and return their paths. Raises UsageError."""
    has_picture = any(activity.keys for activity in run.activities)
    picture = partial(_picture, planned.name, run) if has_picture else None
    try:
        return mock.write_artifacts(folder, file_stem(planned.name, *planned.sources), picture)
    except OSError as error:
        raise UsageError(f"{error.filename or str(folder)!r} can't be written: {error.strerror}.") from None


def _picture(name: str, run: CommandRun) -> str:
    """Return the page about what the client did."""
    from ..timelines.client_page import client_page

    return client_page(name, run.activities)
