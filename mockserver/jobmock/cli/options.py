"""Options and look-ups that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import api_problems, apis
from ..errors import StartError, UsageError
from ..files import whole_file

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")

if TYPE_CHECKING:
    from ..catalogue import Catalogue
    from ..engine.progression import Plan

scenarios: Callable[[FC], FC] = click.option(
    "--scenarios", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
    help="A folder with your own scenarios, in addition to the bundled ones. May be given again.",
)  # fmt: skip
switches: Callable[[FC], FC] = click.option(
    "--switch", "switches", multiple=True, metavar="API.NAME=VALUE",
    help=f"Set a switch: {'='.join(apis.EXAMPLE_SWITCH)}.",
)  # fmt: skip


def check_replaceable(path: Path, option: str) -> None:
    """Raise UsageError for a link, a device, a pipe or a folder: the option's file is replaced."""
    if path.is_symlink() or (os.path.lexists(path) and not path.is_file()):
        raise UsageError(f"{option} {str(path)!r} is no regular file. Name a new file, or one to replace.")


def write(path: Path, content: bytes, kind: str) -> None:
    """Write a file of some kind in one step, so that no reader sees a part of it. Raises StartError."""
    try:
        with whole_file(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise StartError(f"Can't write the {kind} {str(path)!r}: {error.strerror}.") from error


def _print_error(text: str) -> None:
    click.echo(text, err=True)


def catalogue(folders: tuple[Path, ...], report: Callable[[str], None] = _print_error) -> Catalogue:
    """Return the catalogue of the bundled scenarios and those in `folders`.

    Each problem of a file goes to `report`, and why an API of another distribution can't be used.
    """
    from ..catalogue import Catalogue

    api_problems.report_to(lambda name, problem: report(problem))
    apis.problems()
    found = Catalogue(folders)
    for problems in found.problems.values():
        for problem in problems:
            report(str(problem))
    return found


def clock_mode(mode: str | None, speed: float | None, default: str) -> tuple[str, float]:
    """Return mode and speed of time; a speed alone implies scaled time. Raises UsageError for another mode with it."""
    from ..clock import DEFAULT_SPEED

    if speed is not None and mode not in (None, "scaled"):
        raise UsageError(f"--speed is for --time scaled alone, and --time is {mode}.")
    return mode or (default if speed is None else "scaled"), DEFAULT_SPEED if speed is None else speed


def server_settings(limits: Path | None, switches: tuple[str, ...]) -> dict[str, Any]:
    """Return the arguments `limits` and `switches` of a Service. Raises ScenarioError, UsageError."""
    if not limits and not switches:
        return {}
    from ..catalogue.server_settings import limits_from_file, switches_from_flags

    return {"limits": limits_from_file(limits) if limits else {}, "switches": switches_from_flags(switches)}


def plan(found: Catalogue, wanted: str) -> Plan:
    """Return the plan of a scenario named by its name or by its file. Raises ScenarioError."""
    from ..catalogue import name_or_path

    return found.resolve(name_or_path(wanted))
