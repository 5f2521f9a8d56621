"""Switches and rate limits: which value counts where scenario, key, server and documents each have one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Any, Protocol

from ..contract import documents
from ..engine.progression import OwnSettings, Plan
from ..models import NOTHING, Limit
from ..redaction import redact
from .unknown_names import unknown_name

_MOST_OF_SWITCH = 120
"""So many characters of a switch are shown in the journal."""


class Documented(Protocol):
    """The part of an API that settings depend on: its name, and the documented limits."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Callable[[Callable[[str], Any]], Mapping[str, Limit]]: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class ResolvedSettings:
    """The settings of a request of an API: every switch by name, the limits by operation.

    `changed` are the switches that don't have their default, as `NAME=VALUE` with a JSON value, without keys and cut.
    """

    api: str
    switches: Mapping[str, Any]
    limits: Mapping[str, Limit | None]
    changed: tuple[str, ...] = ()

    def switch(self, name: str) -> Any:
        """Return the value of a switch. Raises UnknownName."""
        return _switch(self.api, self.switches, name)


@dataclass(eq=False)
class ServerDefaults:
    """The server's default plans, switches and limits, by API.

    Plans may be replaced while it serves; switches and limits never change.
    """

    plans: dict[str, Plan]
    switches: Mapping[str, Mapping[str, Any]]
    limits: Mapping[str, Mapping[str, Limit | None]]
    plan_named: Callable[[str], Plan]
    """Scenario name → plan. Raises ScenarioError."""
    latest: Callable[[Plan], Plan]
    """Plan → its latest version."""
    settings: Callable[[Documented, OwnSettings | None, OwnSettings | None], ResolvedSettings] = field(init=False)
    """API, settings of the job's plan, of the default plan → the settings. Cached: none of the three ever changes."""

    def __post_init__(self) -> None:
        self.settings = lru_cache(maxsize=256)(self._chosen)

    def _chosen(self, api: Documented, own: OwnSettings | None, default: OwnSettings | None) -> ResolvedSettings:
        """Return the settings. Priority: the job's scenario, the default scenario, the server, the documents.

        The documented value of a switch is the default in `schemas/<api>/scenario.json`.
        """
        scenarios = [settings for settings in (default, own) if settings is not None]
        switches = {**switch_defaults(api.name), **self.switches.get(api.name, NOTHING)}
        for scenario in scenarios:
            switches |= scenario.switches
        limits = {**api.limits(partial(_switch, api.name, switches)), **self.limits.get(api.name, NOTHING)}
        for scenario in scenarios:
            limits |= scenario.limits
        defaults = switch_defaults(api.name)
        changed = tuple(_written(name, value) for name, value in switches.items() if value != defaults[name])
        return ResolvedSettings(api.name, switches, limits, changed)


def _written(name: str, value: Any) -> str:
    """Return a switch as the journal shows it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return redact(f"{name}={text}"[:_MOST_OF_SWITCH])


def switch_default(api: str, name: str) -> Any:
    """Return the default of a switch, from `schemas/<api>/scenario.json`. Raises UnknownName."""
    return _switch(api, switch_defaults(api), name)


def _switch(api: str, switches: Mapping[str, Any], name: str) -> Any:
    """Return the value that a switch of an API has among these. Raises UnknownName."""
    if name not in switches:
        raise unknown_name(api, "switch", name, switches)
    return switches[name]


@cache
def switch_defaults(api: str) -> Mapping[str, Any]:
    """Return the defaults of all switches of an API."""
    switches = documents.definitions(api)["switches"]["properties"]
    return {name: switch["default"] for name, switch in switches.items()}
