"""Which runs a command has: one for each scenario that was asked for, or a single one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from ..catalogue import Catalogue, name_or_path
from ..catalogue.similar_names import hint_of_names
from ..engine.progression import Plan
from ..errors import UsageError

_WILDCARDS = "*?["
_DEFAULT = "the default scenarios"


class PlannedRun(NamedTuple):
    """One run: the plan of new jobs by API. An API without one plays its default."""

    plans: Mapping[str, Plan]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The names of its scenarios."""
        return tuple(plan.name for plan in self.plans.values())

    @property
    def name(self) -> str:
        """The names of its scenarios in one text."""
        return run_name(self.scenarios)

    @property
    def sources(self) -> list[str]:
        """The files of its scenarios."""
        return [plan.scenario.origin.source for plan in self.plans.values()]


def run_name(scenarios: Sequence[str]) -> str:
    """Return the names of the scenarios of a run in one text."""
    return " + ".join(scenarios) or _DEFAULT


def planned_runs(catalogue: Catalogue, wanted: Sequence[str]) -> list[PlannedRun]:
    """Return the runs for scenarios that are given as names, files or patterns of names, in their order.

    The only scenario of an API is played in each run. If an API has several, each of them has a run of its own. Raises
    ScenarioError, and UsageError for a pattern without a scenario.
    """
    plans: dict[str, dict[tuple[str, str], Plan]] = {}
    for text in wanted:
        for plan in _matching(catalogue, text):
            plans.setdefault(plan.scenario.api, {})[plan.name, plan.scenario.origin.source] = plan
    same = {api: plan for api, several in plans.items() for plan in several.values() if len(several) == 1}
    varied = {api: several for api, several in plans.items() if len(several) > 1}
    if not varied:
        return [PlannedRun(same)]
    return [PlannedRun({api: plan, **same}) for api, several in varied.items() for plan in several.values()]


def _matching(catalogue: Catalogue, text: str) -> list[Plan]:
    """Return the plan of a name or a file, or those of all names that match a pattern."""
    wanted = name_or_path(text)
    if not isinstance(wanted, str) or not any(sign in text for sign in _WILDCARDS):
        return [catalogue.resolve(wanted)]
    names = catalogue.names()
    found = [catalogue.plan(name) for name in names if fnmatchcase(name, text)]
    if not found:
        near = hint_of_names(text.translate({ord(sign): None for sign in _WILDCARDS}), names)
        raise UsageError(f"No scenario matches {text!r}.{near} `jobmock list` shows them all.")
    return found
