"""The property of every polling client, in one line of a test: it survives whatever the server may do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

from ..catalogue import compiled
from ..models import Scenario
from .arena import Arena, Budget, Client, Run
from .regressions import save, saved
from .whole import scenarios as all_scenarios

_PHASES = (Phase.explicit, Phase.generate, Phase.shrink)


def assert_client_survives(
    run_client: Client, *, api: str, scenarios: SearchStrategy[Scenario] | None = None, max_examples: int = 100,
    requests: int = 2_000, seconds: float = 90_000, rules: Mapping[str, str] | None = None, seed: int | None = None,
    folder: Path | str | None = None, name: str | None = None,
) -> None:  # fmt: skip
    """Drive a client through generated scenarios in virtual time; raise an AssertionError with the smallest that fails.

    `run_client(url, api_key, job_id)` returns the answer it ended with, or raises; with a parameter `transport` it
    gets the mock in process. Each run is judged by the rules of etiquette (`rules` changes how much one counts), and
    may take `requests` and `seconds` of virtual time. A failing scenario is saved below `folder`, and run first from
    then on.
    """
    test = name or str(getattr(run_client, "__name__", type(run_client).__name__))
    arena = Arena(run_client, api, budget=Budget(requests=requests, seconds=seconds), rules=rules)
    with arena.open():
        for path, scenario in saved(api, test, folder):
            if said := complaint(scenario, arena.play(compiled(scenario))):
                raise AssertionError(f"{said}\nIt is saved as {path}.")
        _search(arena, all_scenarios(api) if scenarios is None else scenarios, max_examples, seed, test, folder)


def _search(
    arena: Arena, scenarios: SearchStrategy[Scenario], max_examples: int, seed: int | None, test: str,
    folder: Path | str | None,
) -> None:  # fmt: skip
    smallest: list[tuple[Scenario, str]] = []

    @settings(
        max_examples=max_examples, deadline=None, database=None, phases=_PHASES, print_blob=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(scenarios)
    def survives(scenario: Scenario) -> None:
        said = complaint(scenario, arena.play(compiled(scenario)))
        if said:
            smallest[:] = [(scenario, said)]
            raise _Fails

    try:
        (survives if seed is None else seeded(seed)(survives))()
    except _Fails:
        scenario, said = smallest[0]
        path = save(scenario, test, said, folder)
        raise AssertionError(f"{said}\nIt is saved as {path}." if path else said) from None


class _Fails(Exception):
    """The client failed on this scenario; one class, so that shrinking keeps to one failure."""


def complaint(scenario: Scenario, run: Run) -> str:
    """Return what a run did wrong, and the scenario; nothing if it did nothing wrong."""
    if not run.faults:
        return ""
    from .. import scenario as language

    ended = f"raised {run.raised!r}" if run.raised else f"returned {_short(run.returned)}"
    asked = f"The client {ended} after {len(run.journal)} requests."
    return "\n".join([*run.faults, asked, language.to_text(scenario)])


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
