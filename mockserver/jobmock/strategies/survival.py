"""`assert_client_survives`: a test, in one line, that a polling client handles everything that a server may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from ..catalogue import compile_scenario
from ..clock import EPOCH
from ..engine.progression import plan
from ..errors import JobmockError, UsageError, short_repr
from ..models import Scenario
from .arguments import bounded_int, check_type, count_text, drawn_scenario, strategy
from .command_arguments import client_runner, command_name
from .command_runner import CommandRunner
from .outcome import RunResult
from .reduce_counterexample import reduce_scenario
from .regressions import load_saved, save, saved_start
from .runner import Budget, ClientRunner, RunClient
from .server_behaviours import behaviours
from .shrink_limit import ShrinkLimit, shrink_seconds

_PHASES = (Phase.generate, Phase.shrink)
_MAX_EXAMPLES = 1_000_000
Runner = ClientRunner | CommandRunner


def assert_client_survives(
    run_client: RunClient | None = None, *, api: str, command: Sequence[str] | None = None,
    scenarios: SearchStrategy[Scenario] | None = None, max_examples: int = 100, requests: int = 5_000,
    seconds: float = 90_000, rules: Mapping[str, str] | None = None, min_interval: float = 1.0, seed: int | None = None,
    folder: Path | str | None = None, name: str | None = None, shrink: float | None = None, time: str | None = None,
    speed: float | None = None, timeout: float | None = None, persistent: bool = False,
) -> None:  # fmt: skip
    """Run a client through scenarios in virtual time; raise an AssertionError with the smallest ones that it fails.

    `run_client(url, api_key, job_id)` polls an existing job, and returns the job's last answer or raises. It may be a
    coroutine function, and with a parameter `transport` it gets the in-process transport. `scenarios` is a strategy, by
    default `behaviours`. Each run is judged by the rules of etiquette (`rules` sets their severities, `min_interval` is
    how far apart polls must be on average, in seconds) and by the value that it returned. It may take
    `requests` and `seconds` of virtual time. A failing scenario is saved below `folder` (see `regressions`) under
    `name`, by default the client's, and runs first from then on. It is made smaller for at most `shrink` real seconds,
    by default JOBMOCK_SHRINK or 60. Raises UsageError, ScenarioError, VirtualTimeError.

    `command` is a client in any language instead, with its arguments. It runs once for each job, or is `persistent`.
    Its `time` is `virtual` or `scaled`, with a `speed`, and it may take `timeout` real seconds for each job, 120 by
    default.
    """
    __tracebackhide__ = True
    limit = ShrinkLimit(shrink_seconds(shrink))
    bounded_int("max_examples", max_examples, 1, _MAX_EXAMPLES)
    check_type("seed", seed, int, "a whole number")
    check_type("name", name, str, "a text")
    drawn = behaviours(api) if scenarios is None else strategy("scenarios", scenarios, "scenarios")
    runner = client_runner(
        run_client, command, api, budget=Budget(requests=requests, seconds=seconds), rules=rules,
        min_interval=min_interval, time=time, speed=speed, timeout=timeout, persistent=persistent,
    )  # fmt: skip
    test = name or (_client_name(run_client) if command is None else command_name(command))
    with runner.open():
        for path, scenario in load_saved(api, test, folder):
            if said := _run_scenario(runner, scenario, saved_start(path)):
                raise AssertionError(_failure_message(said, scenario, path))
        found = _search(runner, drawn, max_examples, seed, limit)
    if found:
        messages = [_saved_message(said, scenario, test, folder) for scenario, said in found]
        raise AssertionError("\n\n".join([*messages, *filter(None, [limit.remark])]))


def _search(
    runner: Runner, scenarios: SearchStrategy[Scenario], max_examples: int, seed: int | None, limit: ShrinkLimit
) -> list[tuple[Scenario, str]]:
    """Return the smallest scenario for each rule that the client breaks, with the failure report."""
    search = _FailureSearch(runner, limit)

    @settings(
        max_examples=max_examples, deadline=None, database=None, phases=_PHASES, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(scenarios)
    def survives(scenario: Scenario) -> None:
        search.try_scenario(scenario)

    try:
        with limit.in_force():
            (survives if seed is None else seeded(seed)(survives))()
    except (_ClientFailed, BaseExceptionGroup) as error:
        if search.setup_error is not None:
            raise search.setup_error from None
        if isinstance(error, Flaky):
            raise AssertionError(search.flaky_message()) from None
    return [_reduce(runner, limit, rule, *found) for rule, found in search.smallest.items()]


class _ClientFailed(Exception):
    """Raised when the client fails a scenario."""


@cache
def _failure_class(rule: str) -> type[_ClientFailed]:
    """Return a separate exception class for each rule, so that Hypothesis shrinks the failures of each rule apart."""
    return type(rule, (_ClientFailed,), {})


class _FailureSearch:
    """The failures that Hypothesis has found: the last scenario of each rule is the smallest one."""

    def __init__(self, runner: Runner, limit: ShrinkLimit) -> None:
        self._runner, self._limit = runner, limit
        self.smallest: dict[str, tuple[Scenario, str]] = {}
        self.setup_error: JobmockError | None = None
        """An error of the set-up and not of the client, which ends the search."""

    def try_scenario(self, scenario: Scenario) -> None:
        """Run the client in a scenario. Raises the exception class of the rule that it breaks."""
        if self.setup_error is not None:
            raise _failure_class("setup-error")
        try:
            said = _run_scenario(self._runner, scenario)
        except JobmockError as error:
            self.setup_error = error
            raise _failure_class("setup-error") from None
        if said:
            self._limit.begin()
            rule = said.partition(" ")[0]
            self.smallest[rule] = scenario, said
            raise _failure_class(rule)

    def flaky_message(self) -> str:
        """Return the message for a failure that didn't happen again."""
        scenario, said = list(self.smallest.values())[-1]
        text = "The client failed in this scenario, but not when it was played again: the client isn't deterministic."
        return f"{text}\n{_failure_message(said, scenario, None)}"


def _reduce(
    runner: Runner, limit: ShrinkLimit, rule: str, scenario: Scenario, said: str
) -> tuple[Scenario, str]:
    """Return a smaller counterexample of the same rule, if there is one, with its failure report."""

    def fails(smaller: Scenario) -> bool:
        if limit.is_over():
            return False
        found = runner.run(plan(smaller, runner.api.shows)).findings
        return bool(found) and found[0].startswith(f"{rule} ")

    smaller = reduce_scenario(scenario, fails)
    return smaller, _run_scenario(runner, smaller) or said


def _client_name(client: Any) -> str:
    """Return a client's name, with the function that it is defined in. Raises UsageError for a lambda."""
    while isinstance(client, partial):
        client = client.func
    name = str(getattr(client, "__qualname__", type(client).__qualname__)).replace(".<locals>", "")
    if "<lambda>" in name:
        raise UsageError("A lambda has no name under which its counterexamples could be saved: give it one by 'name'.")
    return name


def _run_scenario(runner: Runner, scenario: Scenario, start: int = EPOCH) -> str:
    """Run the client and return its failure report. Raises UsageError, ScenarioError for an unplayable scenario."""
    run = runner.run(plan(drawn_scenario(scenario, runner.api), runner.api.shows), start)
    if run.findings:
        compile_scenario(scenario)
    return failure_report(run)


def failure_report(run: RunResult) -> str:
    """Return the findings of a run, one on each line, and how it ended; an empty text without findings."""
    if not run.findings:
        return ""
    ended = f"raised {run.raised!r}" if run.raised else f"returned {short_repr(run.returned)}"
    return "\n".join([*run.findings, f"The client {ended} after {count_text(len(run.journal), 'request')}."])


def _saved_message(said: str, scenario: Scenario, test: str, folder: Path | str | None) -> str:
    """Save a counterexample, and return the message of the failure. It comes first, even if nothing can be saved."""
    try:
        return _failure_message(said, scenario, save(scenario, test, said, folder))
    except OSError as error:
        return f"{_failure_message(said, scenario, None)} {error.filename} can't be written: {error.strerror}."


def _failure_message(said: str, scenario: Scenario, path: Path | None) -> str:
    from .. import scenario as language

    where = f"It is saved as {path}, and run first from now on." if path else "It was not saved."
    return f"{said}\n\n{language.to_text(scenario)}\n{where}"
