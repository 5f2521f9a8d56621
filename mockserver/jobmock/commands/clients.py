"""A command that is the client of one job at a time: run once for each job, or persistent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson

from ..catalogue import Catalogue
from ..client_reports.played_job import played_job
from ..dialect.api import Api
from ..engine.progression import Plan
from ..redaction import redact
from ..server.listeners import Host
from .client_run import ClientRun, ClientSettings, RequestLimit
from .environment import client_environment
from .line_protocol import MOST_BYTES
from .run_mock import RunMock, check_time
from .signals import Signals
from .starting import start_child
from .whole_run import run_to_end

_ERROR = re.compile(r"(?:Uncaught )?[\w.]*(?:Error|Exception|Failed|Failure|Timeout)\w*(?: \[\w+\])?: \S")
"""The beginning of a line with an error of Python or of Node, which isn't indented."""
_MOST_SHOWN, _MOST_READ = 200, 1 << 16
_NOTHING: Mapping[str, str] = {}
_BEYOND = 1e-9
"""A client may end exactly at the last second that it has."""


class Client(Protocol):
    """Calls a client for one job after another."""

    def run(self, plan: Plan, start: int, variables: Mapping[str, str] = _NOTHING) -> ClientRun:
        """Call the client for a job that plays a plan. The clock begins at `start`. It gets more `variables`.

        Raises UsageError if the command can't be used.
        """

    def close(self) -> None:
        """End what is still running."""


class OnceClient:
    """A command that runs once for each job, with a mock of its own each time.

    With exit code 0 it returned its output, parsed if that is JSON; with another one it raised. What it leaves behind
    is ended. Raises StartError if this system can't run it in the wanted time.
    """

    def __init__(
        self, command: Sequence[str], api: Api, catalogue: Catalogue, settings: ClientSettings, host: Host,
        signals: Signals,
    ) -> None:  # fmt: skip
        check_time(settings.mock.time)
        self._command, self._api, self._catalogue, self._settings = tuple(command), api, catalogue, settings
        self._host, self._signals = host, signals

    def run(self, plan: Plan, start: int, variables: Mapping[str, str] = _NOTHING) -> ClientRun:
        """Run the command for a job. Raises NotStarted."""
        settings, api = self._settings, self._api.name
        limits, requests = settings.limits, RequestLimit(settings.limits.requests)
        with RunMock.served(self._host, self._catalogue, settings.mock, {api: plan}, start) as mock:
            job = mock.give_job(api, plan)
            mock.service.watchers.append(requests.note_request)
            environment = {**client_environment(settings.base, mock, (), {}), **variables}
            whole = run_to_end(
                self._host, self._signals, mock,
                lambda limits: start_child(
                    self._command, environment, captured=True, most=MOST_BYTES, on_end=limits.end
                ),
                lambda: played_job(mock.namespaces[api], job),
                timeout=limits.timeout, deadline=after(limits.seconds), watch=lambda one: requests.begin(one.stop),
            )  # fmt: skip
        out, err = whole.output
        if whole.stop is not None:
            return ClientRun(played=whole.seen, stop=whole.stop, exit_code=whole.exit_code, output=out, has_ended=False)
        failed = f"exit code {whole.exit_code}: {last_output(err)}" if whole.exit_code else None
        return ClientRun(
            played=whole.seen, returned=None if failed else parsed(out), raised=failed, exit_code=whole.exit_code,
            output=out,
        )  # fmt: skip

    def close(self) -> None:
        """Do nothing: no process outlives its job."""


def after(seconds: float | None) -> float | None:
    """Return a deadline just after so many seconds."""
    return None if seconds is None else seconds + _BEYOND


def parsed(output: bytes) -> Any:
    """Return what a command wrote: as data if it is JSON, else as text."""
    try:
        return orjson.loads(output)
    except orjson.JSONDecodeError:
        return output.decode("utf-8", "replace")


def last_output(output: bytes) -> str:
    """Return the last line of a command's output that names an error, else its end: in one line, and without keys."""
    text = output[-_MOST_READ:].decode("utf-8", "replace")
    error = next((line for line in reversed(text.splitlines()) if _ERROR.match(line)), None)
    shown = redact(" ".join((error or text).split()))
    if len(shown) <= _MOST_SHOWN:
        return shown
    return f"{shown[:_MOST_SHOWN]}…" if error else f"…{shown[-_MOST_SHOWN:]}"
