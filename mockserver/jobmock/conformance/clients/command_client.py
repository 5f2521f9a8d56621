"""A command of any language as the client under test: it is run once for each case."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from ...catalogue import Catalogue
from ...clock import EPOCH, SECOND, Clock
from ...commands.child import Child
from ...commands.client_run import RequestLimit
from ...commands.clients import last_output
from ...commands.command_run import OWN_ERROR
from ...commands.environment import client_environment
from ...commands.line_protocol import MOST_BYTES
from ...commands.run_mock import MockSettings, RunMock, check_time
from ...commands.signals import Signals
from ...commands.starting import NotStarted, start_child
from ...commands.time_limits import TimeLimits
from ...commands.whole_run import WholeRun, run_to_end
from ...dialect.api import Api
from ...errors import StartError
from ...server.listeners import Host
from ..cases import GRACE_SECONDS, MOST_REQUESTS, Case
from ..played import Ended, Played
from ..scaled_cases import scaled_case, why_not_in_scaled_time
from .task import task_of

_MOST_SHOWN = 60
_STOPS = {"deadline": f"The client still ran {GRACE_SECONDS:g} s after its deadline."}
"""What is said about a client that was ended for a limit of the suite."""
_UNSURE = 1 << 18
"""The last bytes of a long output are kept in pieces, so this much may be missing of the most."""


class CommandClient:
    """Plays cases to a command, in virtual or in scaled time. Each case has a mock of its own.

    With exit code 0 the client's call returned the JSON that the command printed; with another one it failed. Raises
    StartError if the command can't be run in the wanted time.
    """

    def __init__(self, command: Sequence[str], api: Api, *, time: str, speed: float, timeout: float) -> None:
        check_time(time)
        self.time, self.name = time, f"-- {shlex.join(command)}"
        self._command, self._api, self._timeout = tuple(command), api, timeout
        self._settings, self._catalogue = MockSettings(time=time, speed=speed, waits_for_client=True), Catalogue()
        self._speed = speed if time == "scaled" else None
        self._host, self._signals = Host(), Signals()

    @contextmanager
    def open(self) -> Iterator[CommandClient]:
        """Allow cases to be played within a `with` block. Signals are passed on to the commands."""
        try:
            with self._signals:
                yield self
        finally:
            self._host.end()

    def why_not(self, case: Case) -> str | None:
        """Return why a case can't be played to this client, in a sentence; None if it can."""
        return why_not_in_scaled_time(case) if self._speed else None

    def play(self, case: Case) -> Played:
        """Play one case. Raises StartError, and KeyboardInterrupt after a signal that asks to end."""
        case = scaled_case(case) if self._speed else case
        start = None if self._speed else EPOCH
        requests, real = RequestLimit(MOST_REQUESTS), Clock()
        plans = {self._api.name: case.plan}
        with RunMock.served(self._host, self._catalogue, self._settings, plans, start) as mock:
            job = mock.give_job(self._api.name, case.plan).id if case.has_job else None
            mock.service.watchers.append(requests.note_request)
            namespace = mock.namespaces[self._api.name]
            environment = self._environment(case, mock, job)
            whole = run_to_end(
                self._host, self._signals, mock, lambda limits: self._started(environment, limits),
                lambda: namespace, timeout=self._timeout, deadline=case.deadline + GRACE_SECONDS,
                watch=lambda limits: requests.begin(limits.stop),
            )  # fmt: skip
        if self._signals.ending is not None:
            raise KeyboardInterrupt
        return Played(
            case=case, api=self._api, namespace=namespace, job=job, ended=_ended(whole), time=self.time,
            real_seconds=real.elapsed / SECOND,
        )  # fmt: skip

    def _started(self, environment: Mapping[str, str], limits: TimeLimits) -> Child:
        """Start the command. Raises StartError."""
        try:
            return start_child(self._command, environment, captured=True, most=MOST_BYTES, on_end=limits.end)
        except NotStarted as error:
            raise StartError(str(error)) from None

    def _environment(self, case: Case, mock: RunMock, job: str | None) -> dict[str, str]:
        """Return the environment of the command."""
        task = task_of(case, mock.url, mock.namespaces[self._api.name].key, job)
        return {**client_environment(os.environ, mock, (), {}), **task.variables(speed=self._speed)}


def _ended(whole: WholeRun[Any]) -> Ended:
    """Return how the client's call ended. Raises StartError if the command can't live in the wanted time."""
    if whole.stop is not None:
        if whole.stop.exit_code == OWN_ERROR:
            raise StartError(whole.stop.text)
        return Ended("stopped", text=_STOPS.get(whole.stop.kind, whole.stop.text))
    out, err = whole.output
    if whole.exit_code:
        said = last_output(err) or "it wrote nothing to stderr"
        return Ended("failed", text=f"{_exit_text(whole.exit_code)}: {said}")
    if len(out) > MOST_BYTES - _UNSURE:
        return Ended("unreadable", text=f"the command ended with 0 and printed {MOST_BYTES >> 20} MiB or more")
    try:
        return Ended("returned", orjson.loads(out))
    except orjson.JSONDecodeError:
        shown = repr(last_output(out[:_MOST_SHOWN])) if out else "nothing"
        return Ended("unreadable", text=f"the command ended with 0 and printed no JSON value, but {shown}")


def _exit_text(code: int) -> str:
    """Return an exit code in words; above 128 it may stand for a signal."""
    try:
        return f"exit code {code} ({signal.Signals(code - 128).name})"
    except ValueError:
        return f"exit code {code}"
