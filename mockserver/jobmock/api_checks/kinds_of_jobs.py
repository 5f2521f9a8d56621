"""The kinds of jobs of an API: a run shape that makes each, and the statuses that each has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from ..catalogue import Catalogue
from ..dialect.api import Api
from ..engine.progression import ABSENT
from ..models import Scenario


@cache
def run_shapes(api: Api) -> Mapping[str, str | None]:
    """Return kind of job → a run shape that makes one. A kind whose default scenario is broken is left out."""
    catalogue, found = Catalogue(), dict[str, str | None]({api.kind(None): None})
    for kind, name in api.default_scenarios.items():
        if kind not in found and (scenario := next(_played(catalogue, [name]), None)):
            found[kind] = scenario.run_shape
    return found


@cache
def statuses_of_kinds(api: Api) -> Mapping[str, list[str]]:
    """Return kind of job → its statuses: those that scenarios of the kind have. The usual kind has all others too."""
    kinds = run_shapes(api)
    known = [*api.transitions, ABSENT]
    if len(kinds) == 1:
        return dict.fromkeys(kinds, known)
    catalogue, seen = Catalogue(), {kind: set[str]() for kind in kinds}
    names = [name for name in catalogue.names() if name.startswith(f"{api.name}/")]
    for scenario in _played(catalogue, names):
        seen.setdefault(api.kind(scenario.run_shape), set()).update(step.status for step in scenario.progression)
    seen[api.kind(None)] |= set(known).difference(*seen.values())
    return {kind: [status for status in known if status in seen[kind]] for kind in kinds}


def _played(catalogue: Catalogue, names: list[str]) -> Iterator[Scenario]:
    """Yield the scenarios with these names that can be played."""
    for name in names:
        try:
            yield catalogue.plan(name).scenario
        except Exception:  # also what the API's own code raises: other checks report it
            continue
