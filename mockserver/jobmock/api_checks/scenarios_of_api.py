"""Checks the scenarios of an API: each file, the default ones, and the table of what they show."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue import Catalogue, scenario_files
from ..catalogue.file_problems import problems_of_file
from ..coverage import Cell, cells_of
from ..coverage.bundled_scenarios import file_of
from ..errors import Origin, Problem, short_repr
from .checked_api import CheckedApi, hint, shown


def check_scenarios(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the problems of each scenario file of the API, and of its default scenarios."""
    for path, name in scenario_files(subject.package.data("scenarios")):
        try:
            yield from problems_of_file(path, f"{subject.api.name}/{name}")
        except Exception as error:
            yield subject.failure("operations", error=error, doing=f"The scenario {name!r} can't be checked")
    yield from _defaults(subject)


def _defaults(subject: CheckedApi) -> Iterator[Problem]:
    api, names = subject.api, _names(subject)
    for kind, scenario in api.default_scenarios.items():
        if scenario not in names:
            text = f"The default scenario of {kind!r} is {short_repr(scenario)}, which there isn't."
            allowed = f"Allowed: {', '.join(names) or 'none'}.{hint(scenario, names)}"
            yield subject.at("default_scenarios", kind, message=f"{text} {allowed}")
    if api.kind(None) not in api.default_scenarios:
        text = f"A job without a run shape is {api.kind(None)!r}, and `default_scenarios` has no scenario for that."
        yield subject.at("default_scenarios", message=text)


def check_coverage_table(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the lines of `coverage.tsv` that name a cell or a scenario that there isn't."""
    file = file_of(subject.api.name)
    if not file.is_file():
        return
    cells, names = cells_of(subject.api.name), _names(subject)
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
        if text := _wrong(subject, line.split("\t"), cells, names):
            origin = Origin(source=shown(file), marks={"": (number, 1)})
            yield Problem(message=text, origin=origin)


def _wrong(subject: CheckedApi, row: list[str], cells: tuple[Cell, ...], names: list[str]) -> str | None:
    """Return what is wrong with a row, as a sentence; None if nothing is."""
    if len(row) != 3:
        return f"A line has group, cell and scenario with tabs between them, and this one has {len(row)} columns."
    group, cell, scenario = row
    of_group = [one.name for one in cells if one.group == group]
    if not of_group:
        groups = list(dict.fromkeys(one.group for one in cells))
        return f"There is no group {group!r}. Allowed: {', '.join(groups)}.{hint(group, groups)}"
    if cell not in of_group:
        return f"The group {group!r} has no cell {cell!r}. Allowed: {', '.join(of_group)}.{hint(cell, of_group)}"
    if scenario not in names:
        return f"There is no scenario {scenario!r}.{hint(scenario, names)}"
    return None


def _names(subject: CheckedApi) -> list[str]:
    """Return the names of the API's own scenarios."""
    return [name for name in Catalogue().names() if name.startswith(f"{subject.api.name}/")]
