"""Clients that are processes of their own, in any language: each run has a key, a job, and a clock that runs faster."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from ..catalogue import Catalogue
from ..clock import Clock
from ..engine.namespace import Namespaces
from ..engine.progression import Plan
from ..errors import UsageError
from ..etiquette import RuleSettings
from ..server.app import create_app
from ..server.serving import running
from ..service.service import Service
from .arguments import api_named, nanoseconds
from .outcome import OutOfBudget, Run, judged

_LONGEST_OUTPUT = 200


class Processes:
    """Runs a command once for each plan, so many at a time.

    It is told `CLADO_BASE_URL`, `CLADO_API_KEY` and `CLADO_JOB_ID` (or `ORBIT_…`) by its environment. That it returned
    something is its exit code 0; what it printed then, if it is JSON, is what it returned. One that takes more than
    `timeout` real seconds is ended, and that is a finding.
    """

    def __init__(
        self, command: Sequence[str], api: str, *, speed: float = 100.0, timeout: float = 30.0, at_once: int = 2,
        rules: Mapping[str, str] | None = None, floor: float = 0.0,
    ) -> None:  # fmt: skip
        self._command, self._api, self._timeout, self._at_once = tuple(command), api_named(api), timeout, at_once
        self._manners = RuleSettings(floor=nanoseconds("floor", floor), severities=rules or {})
        self._service = Service(Catalogue(), Namespaces(clock=lambda: Clock("scaled", speed)))

    def play(self, plans: Iterable[Plan]) -> Iterator[Run]:
        """Yield how each run ended, in the order of the plans. Raises UsageError where the command can't be run."""
        with running(create_app(self._service)) as url, ThreadPoolExecutor(self._at_once) as pool:
            yield from pool.map(lambda numbered: self._run(url, *numbered), enumerate(plans, 1))

    def _run(self, url: str, number: int, plan: Plan) -> Run:
        namespace = self._service.namespace(self._api, f"{self._api.prefix}script{number}")
        namespace.use(plan)
        job = self._service.place(namespace, plan)
        word = self._api.name.upper()
        told = {f"{word}_BASE_URL": url, f"{word}_API_KEY": namespace.key, f"{word}_JOB_ID": job.id}
        returned, raised = self._ended({**os.environ, **told})
        return judged(self._api, namespace, job, self._manners, returned=returned, raised=raised)

    def _ended(self, environment: Mapping[str, str]) -> tuple[Any, BaseException | None]:
        try:
            done = _done(self._command, environment, self._timeout)
        except subprocess.TimeoutExpired:
            return None, OutOfBudget(f"the client was still at it after {self._timeout:g} real seconds.")
        except OSError as error:
            raise UsageError(f"The command {self._command[0]!r} can't be run: {error.strerror or error}.") from None
        if done.returncode:
            return None, RuntimeError(f"exit code {done.returncode}: {_tail(done.stderr)}")
        return _parsed(done.stdout), None


def _done(
    command: Sequence[str], environment: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; one that takes too long is ended with all that it started. Raises TimeoutExpired."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except BaseException:
            _end(process.pid)
            raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def _end(leader: int) -> None:
    """End a process and all that it started: its group, or what Windows knows to be below it."""
    if hasattr(os, "killpg"):
        os.killpg(leader, signal.SIGKILL)
    else:
        subprocess.run(("taskkill", "/f", "/t", "/pid", str(leader)), capture_output=True, check=False)


def _parsed(output: bytes) -> Any:
    try:
        return orjson.loads(output)
    except orjson.JSONDecodeError:
        return output.decode("utf-8", "replace")


def _tail(output: bytes) -> str:
    """Return the end of what was printed, in one line."""
    return " ".join(output.decode("utf-8", "replace").split())[-_LONGEST_OUTPUT:]
