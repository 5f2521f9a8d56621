"""Options and look-ups that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")

if TYPE_CHECKING:
    from ..catalogue import Catalogue
    from ..engine.progression import Plan

scenarios: Callable[[FC], FC] = click.option(
    "--scenarios", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
    help="A folder with your own scenarios, in addition to the bundled ones. May be given again.",
)  # fmt: skip


def _print_error(text: str) -> None:
    click.echo(text, err=True)


def catalogue(folders: tuple[Path, ...], report: Callable[[str], None] = _print_error) -> Catalogue:
    """Return the catalogue of the bundled scenarios and those in `folders`. Each problem of a file goes to `report`."""
    from ..catalogue import Catalogue

    found = Catalogue(folders)
    for problems in found.problems.values():
        for problem in problems:
            report(str(problem))
    return found


def plan(found: Catalogue, wanted: str) -> Plan:
    """Return the plan of a scenario named by its name or by its file. Raises ScenarioError."""
    from ..catalogue import name_or_path

    return found.resolve(name_or_path(wanted))
