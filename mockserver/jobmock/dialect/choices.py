"""What holds where a scenario, a key, the server and the documents may each have a say: switches and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Protocol

from ..contract import documents
from ..engine.progression import Plan
from ..models import NOTHING, Limit


class Documented(Protocol):
    """What of an API decides what holds: its name, and the documented limits by operation, given the switches."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Callable[[Callable[[str], Any]], Mapping[str, Limit]]: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What holds for a request, of whatever may be chosen: every switch by its name, the limits by operation."""

    switches: Mapping[str, Any]
    limits: Mapping[str, Limit | None]


@dataclass(eq=False)
class Deployment:
    """What the server adds to a scenario's choices: its default plans, switches and limits by API.

    Plans may be exchanged while it serves, switches and limits stay as they are.
    """

    plans: dict[str, Plan]
    switches: Mapping[str, Mapping[str, Any]]
    limits: Mapping[str, Mapping[str, Limit | None]]
    usual: Callable[[str], Plan]
    """Scenario name → plan. Raises ScenarioError."""
    latest: Callable[[Plan], Plan]
    """Plan → its latest version."""
    choices: Callable[[Documented, Plan | None, Plan | None], Choices] = field(init=False)
    """API, the job's plan, the default one → what holds; reckoned once for each such three, none of which changes."""

    def __post_init__(self) -> None:
        self.choices = lru_cache(maxsize=256)(self._chosen)

    def _chosen(self, api: Documented, own: Plan | None, default: Plan | None) -> Choices:
        """Let the job's scenario go before the default one, that before the server's choices and the documented ones.

        Of switches the documented choice is the default in `schemas/<api>/scenario.json`.
        """
        scenarios = [plan.scenario for plan in (default, own) if plan is not None]
        switches = {**switch_defaults(api.name), **self.switches.get(api.name, NOTHING)}
        for scenario in scenarios:
            switches |= scenario.switches
        limits = {**api.limits(switches.__getitem__), **self.limits.get(api.name, NOTHING)}
        for scenario in scenarios:
            limits |= scenario.limits
        return Choices(switches, limits)


def switch_default(api: str, name: str) -> Any:
    """Return what a switch is where nobody sets it, from `schemas/<api>/scenario.json`."""
    return switch_defaults(api)[name]


@cache
def switch_defaults(api: str) -> Mapping[str, Any]:
    """Return every switch of an API, as it is where nobody sets it."""
    switches = documents.definitions(api)["switches"]["properties"]
    return {name: switch["default"] for name, switch in switches.items()}
