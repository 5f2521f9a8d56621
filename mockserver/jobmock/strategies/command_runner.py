"""Runs a command of any language against one plan after another, and judges each run as that of a callable."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue

from ..clock import EPOCH
from ..commands.client_run import MOST_REQUESTS, ClientLimits, ClientRun, ClientSettings
from ..commands.clients import Client, OnceClient
from ..commands.command_run import OWN_ERROR
from ..commands.persistent_client import PersistentClient
from ..commands.run_mock import MockSettings
from ..commands.signals import Signals
from ..commands.virtual_processes import STALLED
from ..engine.progression import Plan
from ..errors import NeverAnswered, StartError, VirtualTimeError
from ..etiquette import RuleSettings
from ..server.listeners import Host
from ..virtual import in_real_time
from .arguments import load_api, nanoseconds
from .bundled_catalogue import bundled_catalogue
from .outcome import BudgetExceeded, ProtocolBroken, RunResult, judge_run
from .runner import Budget

_SCALED = "--time scaled"
"""How sentences name the time of commands that virtual time doesn't reach."""


class NotInVirtualTime(VirtualTimeError, StartError):
    """A process of a command isn't in virtual time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTime:
    """The time in which a command lives: `virtual`, or `scaled` with its speed; and its real seconds for each job."""

    mode: str = "virtual"
    speed: float = 1.0
    timeout: float = 120.0


class CommandRunner:
    """A command with the mocks that it runs against: one for each process that there is at once.

    `scaled_option` is how its caller is given scaled time.
    """

    def __init__(
        self, command: Sequence[str], api: str, *, budget: Budget, time: CommandTime, persistent: bool,
        rules: Mapping[str, str] | None = None, min_interval: float = 1.0, signals: Signals | None = None,
        scaled_option: str = _SCALED,
    ) -> None:  # fmt: skip
        self.api, self._budget, self._time, self._scaled_option = load_api(api), budget, time, scaled_option
        is_exact = time.mode == "virtual"  # in scaled time, when a request comes depends on the machine, too
        least = nanoseconds("min_interval", min_interval if is_exact else 0)
        self._rule_settings = RuleSettings(min_interval=least, severities=rules or {})
        seconds = budget.seconds if is_exact else None
        settings = ClientSettings(
            mock=MockSettings(time=time.mode, speed=time.speed, waits_for_client=True),
            limits=ClientLimits(timeout=time.timeout, seconds=seconds, requests=budget.requests),
        )
        self._host, self._signals = Host(), signals or Signals()
        self._make_client: Callable[[], Client] = partial(
            PersistentClient if persistent else OnceClient, command, self.api, bundled_catalogue(), settings,
            self._host, self._signals,
        )  # fmt: skip
        self._clients: list[Client] = []
        self._has_failed = False
        self._idle: SimpleQueue[Client] = SimpleQueue()

    @contextmanager
    def open(self, processes: int = 1) -> Iterator[CommandRunner]:
        """Allow runs within a `with` block, so many at once. Then all processes are ended."""
        with in_real_time():
            self._clients = [self._make_client() for _ in range(processes)]
        for client in self._clients:
            self._idle.put(client)
        try:
            yield self
        finally:
            with in_real_time():
                for client in self._clients:
                    client.close()
                self._host.end()

    def run(self, plan: Plan, start: int = EPOCH) -> RunResult:
        """Run the command for a job that plays a plan. Raises UsageError, VirtualTimeError if it can't be run so."""
        with in_real_time():
            client = self._idle.get()
            try:
                return self._judge(client.run(plan, start))
            finally:
                self._idle.put(client)

    def run_all(self, plans: Iterable[Plan]) -> Iterator[RunResult]:
        """Yield the result of each run, in the order of the plans. As many run at once as there may be processes."""
        waiting: deque[Future[RunResult]] = deque()
        with ThreadPoolExecutor(len(self._clients)) as pool:
            try:
                for plan in plans:
                    waiting.append(pool.submit(self._run_one_of_all, plan))
                    if len(waiting) > 2 * len(self._clients):
                        yield self._result(waiting.popleft())
                while waiting:
                    yield self._result(waiting.popleft())
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _run_one_of_all(self, plan: Plan) -> RunResult:
        """Run the command for a job, unless an earlier run failed, or a signal came: then nobody wants the result."""
        if self._signals.ending is not None or self._has_failed:
            raise KeyboardInterrupt
        try:
            return self.run(plan)
        except BaseException:
            self._has_failed = True
            raise

    def _result(self, future: Future[RunResult]) -> RunResult:
        """Return the result of a run. After a signal no result counts, as the signal has ended the command, too."""
        try:
            return self._signals.wait_for(future)
        finally:
            if self._signals.ending is not None:
                raise KeyboardInterrupt

    def _judge(self, run: ClientRun) -> RunResult:
        if run.stop is not None and run.stop.exit_code == OWN_ERROR:
            raise NotInVirtualTime(run.stop.text.replace(_SCALED, self._scaled_option))
        return judge_run(
            self.api, run.played, self._rule_settings, time="virtual", returned=run.returned, raised=self._raised(run),
            broken_protocol=None if run.broken_protocol is None else f"The command {run.broken_protocol}",
        )  # fmt: skip

    def _raised(self, run: ClientRun) -> BaseException | None:
        """Return the exception that stands for how a run ended. A callable would have raised the same."""
        if run.stop is None:
            if run.raised is not None:
                return RuntimeError(run.raised)
            return None if run.has_ended else ProtocolBroken(run.broken_protocol)
        if run.stop.kind == STALLED:
            return NeverAnswered(
                "The client waits without a timeout, and the answer never comes: give it a read timeout."
            )
        reasons = {
            "timeout": f"the client was still running after {self._time.timeout:g} real seconds.",
            "deadline": f"the client was still running after {self._budget.seconds:g} s.",
            MOST_REQUESTS: f"the client sent more than {self._budget.requests} requests for one job.",
        }
        return BudgetExceeded(reasons.get(run.stop.kind, run.stop.text))
