"""Runs clients as processes, in any language: each run has its own key and job, and the clock runs faster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from ..clock import Clock
from ..commands.child import Child
from ..commands.environment import mock_environment
from ..engine.namespace import Namespaces
from ..engine.progression import Plan
from ..errors import UsageError
from ..etiquette import RuleSettings
from ..redaction import redact
from ..server.app import create_app
from ..server.serving import running
from ..service.service import Service
from .arguments import load_api
from .bundled_catalogue import bundled_catalogue
from .outcome import BudgetExceeded, RunResult, judge_run

_MAX_OUTPUT = 200


class ProcessRunner:
    """Runs a command once for each plan, `concurrency` at a time, on a clock that is `speed` times as fast.

    The command finds `CLADO_BASE_URL`, `CLADO_API_KEY` and `CLADO_JOB_ID` (or `ORBIT_…`) in its environment. With exit
    code 0 it returned its output, parsed if it is JSON; with another one it raised. A command that takes more than
    `timeout` real seconds is ended, which is a finding. What it leaves behind is ended too.
    """

    def __init__(
        self, command: Sequence[str], api: str, *, speed: float, timeout: float, concurrency: int
    ) -> None:  # fmt: skip
        self._command, self._api, self._timeout, self._concurrency = tuple(command), load_api(api), timeout, concurrency
        self._rule_settings = RuleSettings(min_interval=0)
        self._service = Service(bundled_catalogue(), Namespaces(clock=lambda: Clock("scaled", speed)))

    def run(self, plans: Iterable[Plan]) -> Iterator[RunResult]:
        """Yield the result of each run, in the order of the plans. Raises UsageError if the command can't be run."""
        with running(create_app(self._service)) as url, ThreadPoolExecutor(self._concurrency) as pool:
            yield from pool.map(lambda numbered: self._run(url, *numbered), enumerate(plans, 1))

    def _run(self, url: str, number: int, plan: Plan) -> RunResult:
        namespace = self._service.namespace(self._api, f"{self._api.prefix}script{number}")
        namespace.use(plan)
        job = self._service.place(namespace, plan)
        name = self._api.name
        returned, raised = self._run_command(mock_environment(os.environ, url, {name: namespace.key}, {name: job.id}))
        time = "virtual"  # the command divides its waits by the speed, so that the mock's clock measures them
        return judge_run(self._api, namespace, job, self._rule_settings, time=time, returned=returned, raised=raised)

    def _run_command(self, environment: Mapping[str, str]) -> tuple[Any, BaseException | None]:
        try:
            child = Child(self._command, environment, captured=True)
        except OSError as error:
            raise UsageError(f"The command {self._command[0]!r} can't be run: {error.strerror or error}.") from None
        with child:
            in_time = child.wait(self._timeout)
            code, _ = child.end()
        if not in_time:
            return None, BudgetExceeded(f"the client was still running after {self._timeout:g} real seconds.")
        out, err = child.output
        return (None, RuntimeError(f"exit code {code}: {_last_output(err)}")) if code else (_parse_output(out), None)


def _parse_output(output: bytes) -> Any:
    try:
        return orjson.loads(output)
    except orjson.JSONDecodeError:
        return output.decode("utf-8", "replace")


def _last_output(output: bytes) -> str:
    """Return the end of a command's output, in one line and without keys."""
    return redact(" ".join(output.decode("utf-8", "replace").split()))[-_MAX_OUTPUT:]
