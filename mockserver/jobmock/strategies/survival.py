"""The property of every polling client, in one line of a test: it survives whatever the server may do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from ..catalogue import compiled
from ..catalogue.validation import judge
from ..clock import EPOCH
from ..engine.progression import plan
from ..errors import JobmockError, UsageError
from ..models import Scenario
from .arguments import many, within
from .outcome import Run
from .reduce import condensed
from .regressions import save, saved, start_of
from .runner import Arena, Budget, Client
from .server_behaviours import behaviours

_PHASES = (Phase.generate, Phase.shrink)
_MOST_EXAMPLES = 1_000_000
_WIDTH = 80


def assert_client_survives(
    run_client: Client, *, api: str, scenarios: SearchStrategy[Scenario] | None = None, max_examples: int = 100,
    requests: int = 5_000, seconds: float = 90_000, rules: Mapping[str, str] | None = None, floor: float = 1.0,
    seed: int | None = None, folder: Path | str | None = None, name: str | None = None,
) -> None:  # fmt: skip
    """Drive a client through scenarios in virtual time; raise an AssertionError with the smallest ones that it fails.

    `run_client(url, api_key, job_id)` polls a job that exists, and returns the answer it ended with, or raises; it may
    be a coroutine function, and with a parameter `transport` it gets the mock in process. The scenarios are those of
    `behaviours` unless you give others. Each run is judged by the rules of etiquette (`rules` changes how much one
    counts, `floor` is the least time between two polls in seconds) and by what it returned, and may take `requests` and
    `seconds` of virtual time. A failing scenario is saved below `folder` (see `regressions`) under `name`, by default
    the client's, and is run first from then on. Raises UsageError, ScenarioError, VirtualTimeError.
    """
    __tracebackhide__ = True
    within("max_examples", max_examples, 1, _MOST_EXAMPLES)
    drawn = behaviours(api) if scenarios is None else _strategy(scenarios)
    test = name or _name(run_client)
    arena = Arena(run_client, api, budget=Budget(requests=requests, seconds=seconds), rules=rules, floor=floor)
    with arena.open():
        for path, scenario in saved(api, test, folder):
            if said := _tried(arena, scenario, start_of(path)):
                raise AssertionError(_told(said, scenario, path))
        found = _search(arena, drawn, max_examples, seed)
    if found:
        told = [_told(said, scenario, save(scenario, test, said, folder)) for scenario, said in found]
        raise AssertionError("\n\n".join(told))


def _strategy(scenarios: object) -> SearchStrategy[Scenario]:
    """Return what draws scenarios. Raises UsageError."""
    if not isinstance(scenarios, SearchStrategy):
        text = "'scenarios' is a strategy of Hypothesis that draws scenarios, such as those of jobmock.strategies"
        raise UsageError(f"{text}, not {scenarios!r}.")
    return scenarios


def _search(
    arena: Arena, scenarios: SearchStrategy[Scenario], max_examples: int, seed: int | None
) -> list[tuple[Scenario, str]]:
    """Return the smallest scenario of each kind of failure, with what the client did wrong."""
    hunt = _Hunt(arena)

    @settings(
        max_examples=max_examples, deadline=None, database=None, phases=_PHASES, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(scenarios)
    def survives(scenario: Scenario) -> None:
        hunt.meet(scenario)

    try:
        (survives if seed is None else seeded(seed)(survives))()
    except (_Fails, BaseExceptionGroup) as error:
        if hunt.mistake is not None:
            raise hunt.mistake from None
        if isinstance(error, Flaky):
            raise AssertionError(hunt.unsteady()) from None
    return [_condensed(arena, rule, *found) for rule, found in hunt.smallest.items()]


class _Fails(Exception):
    """The client failed on this scenario."""


@cache
def _failing(rule: str) -> type[_Fails]:
    """Return a class of its own for each rule: so Hypothesis tells failures apart, and shrinks each for itself."""
    return type(rule, (_Fails,), {})


class _Hunt:
    """What Hypothesis has found so far: the last scenario of each rule is the smallest one."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self.smallest: dict[str, tuple[Scenario, str]] = {}
        self.mistake: JobmockError | None = None
        """What is wrong with the set-up, and not with the client: from then on nothing else is looked for."""

    def meet(self, scenario: Scenario) -> None:
        """Let the client meet a scenario. Raises an exception that stands for the rule that it breaks."""
        if self.mistake is not None:
            raise _failing("mistake")
        try:
            said = _tried(self._arena, scenario)
        except JobmockError as error:
            self.mistake = error
            raise _failing("mistake") from None
        if said:
            rule = said.partition(" ")[0]
            self.smallest[rule] = scenario, said
            raise _failing(rule)

    def unsteady(self) -> str:
        """Word a failure that didn't come again."""
        scenario, said = list(self.smallest.values())[-1]
        text = "The client failed in this scenario, and not when it was played to it again: it isn't steady."
        return f"{text}\n{_told(said, scenario, None)}"


def _condensed(arena: Arena, rule: str, scenario: Scenario, said: str) -> tuple[Scenario, str]:
    """Make a counterexample of a rule smaller still."""

    def fails(smaller: Scenario) -> bool:
        found = arena.play(plan(smaller, arena.api.shows)).faults
        return bool(found) and found[0].startswith(f"{rule} ") and not judge(smaller)[1]

    smaller = condensed(scenario, fails)
    return smaller, _tried(arena, smaller) or said


def _name(client: Any) -> str:
    """Return what a client is called; those in functions are told apart by them. Raises UsageError for a lambda."""
    while isinstance(client, partial):
        client = client.func
    name = str(getattr(client, "__qualname__", type(client).__qualname__)).replace(".<locals>", "")
    if "<lambda>" in name:
        raise UsageError("A lambda has no name under which its counterexamples could be saved: give it one by 'name'.")
    return name


def _tried(arena: Arena, scenario: Scenario, start: int = EPOCH) -> str:
    """Let the client run, and return what it did wrong. Raises UsageError, ScenarioError for what can't be played."""
    if not isinstance(scenario, Scenario):
        raise UsageError(f"'scenarios' is a strategy that draws scenarios, and it drew {_short(scenario)}.")
    if scenario.api != arena.api.name:
        raise UsageError(f"The client is one of {arena.api.name}, and the scenario belongs to {scenario.api}.")
    run = arena.play(plan(scenario, arena.api.shows), start)
    if run.faults:
        compiled(scenario)
    return complaint(run)


def complaint(run: Run) -> str:
    """Return what a run did wrong, each thing on a line of its own, and how it ended; nothing if that is nothing."""
    if not run.faults:
        return ""
    ended = f"raised {run.raised!r}" if run.raised else f"returned {_short(run.returned)}"
    return "\n".join([*run.faults, f"The client {ended} after {many(len(run.journal), 'request')}."])


def _told(said: str, scenario: Scenario, path: Path | None) -> str:
    from .. import scenario as language

    where = f"It is saved as {path}, and run first from now on." if path else "It was not saved."
    return f"{said}\n\n{language.to_text(scenario)}\n{where}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
