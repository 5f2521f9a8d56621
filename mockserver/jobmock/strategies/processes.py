"""Runs clients as processes, in any language: each run has its own key and job, and the clock runs faster."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from ..clock import Clock
from ..engine.namespace import Namespaces
from ..engine.progression import Plan
from ..errors import UsageError
from ..etiquette import RuleSettings
from ..proxies import without_proxy
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
    `timeout` real seconds is killed, which is a finding.
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
        word = self._api.name.upper()
        variables = {f"{word}_BASE_URL": url, f"{word}_API_KEY": namespace.key, f"{word}_JOB_ID": job.id}
        returned, raised = self._run_command({**os.environ, **without_proxy(os.environ, ["127.0.0.1"]), **variables})
        time = "virtual"  # the command divides its waits by the speed, so that the mock's clock measures them
        return judge_run(self._api, namespace, job, self._rule_settings, time=time, returned=returned, raised=raised)

    def _run_command(self, environment: Mapping[str, str]) -> tuple[Any, BaseException | None]:
        try:
            done = _run_to_end(self._command, environment, self._timeout)
        except subprocess.TimeoutExpired:
            return None, BudgetExceeded(f"the client was still running after {self._timeout:g} real seconds.")
        except OSError as error:
            raise UsageError(f"The command {self._command[0]!r} can't be run: {error.strerror or error}.") from None
        if done.returncode:
            return None, RuntimeError(f"exit code {done.returncode}: {_last_output(done.stderr)}")
        return _parse_output(done.stdout), None


def _run_to_end(
    command: Sequence[str], environment: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end. Raises TimeoutExpired after killing it and its children if it takes too long."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except BaseException:
            _kill_process_tree(process.pid)
            raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def _kill_process_tree(leader: int) -> None:
    """Kill a process and its children: its process group, or on Windows its process tree."""
    if hasattr(os, "killpg"):
        os.killpg(leader, signal.SIGKILL)
    else:
        subprocess.run(("taskkill", "/f", "/t", "/pid", str(leader)), capture_output=True, check=False)


def _parse_output(output: bytes) -> Any:
    try:
        return orjson.loads(output)
    except orjson.JSONDecodeError:
        return output.decode("utf-8", "replace")


def _last_output(output: bytes) -> str:
    """Return the end of a command's output, in one line and without keys."""
    return redact(" ".join(output.decode("utf-8", "replace").split()))[-_MAX_OUTPUT:]
