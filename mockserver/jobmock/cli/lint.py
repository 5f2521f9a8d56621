"""`jobmock lint`: checks scenario files against the language, the contract and the API's transitions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import progress

if TYPE_CHECKING:
    from ..errors import Problem


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False), metavar="FILE...")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
def command(files: tuple[Path, ...], form: str, strict: bool) -> int:
    """Check scenario files (or folders of them). Ends with 2 if any can't be played."""
    paths = list(_expanded(files))
    if not paths:
        raise UsageError(f"There are no scenario files in {', '.join(map(str, files))}.")
    with progress(paths, "Checking") as bar:
        problems = [problem for path in bar for problem in _problems(path)]
    for line in _FORMS[form](problems):
        click.echo(line)
    failed = [problem for problem in problems if strict or problem.severity == "error"]
    if form == "text":
        counted = f"{len(paths)} file{'s' if len(paths) != 1 else ''} checked"
        click.echo(f"{counted}, {len(problems) or 'no'} problem{'s' if len(problems) != 1 else ''} found.", err=True)
    return 2 if failed else 0


def _expanded(files: Sequence[Path]) -> Iterator[Path]:
    from ..catalogue import scenario_files

    for file in files:
        if os.path.isdir(file):
            yield from (path for path, _ in scenario_files(file))
        else:
            yield file


def _problems(path: Path) -> list[Problem]:
    from ..catalogue import read_scenario
    from ..catalogue.scenario_validation import check_scenario
    from ..errors import ScenarioError

    try:
        return check_scenario(read_scenario(path, f"{path.absolute().parent.name}/{path.stem}"))[1]
    except ScenarioError as error:
        return list(error.problems)


def _text(problems: Sequence[Problem]) -> Iterator[str]:
    colours = {"error": "red", "warning": "yellow"}
    for problem in problems:
        severity = click.style(problem.severity, fg=colours[problem.severity])
        yield f"{problem.where}: {severity}: {problem.message}"


def _json(problems: Sequence[Problem]) -> Iterator[str]:
    yield json.dumps([_row(problem) for problem in problems], indent=2, ensure_ascii=False)


def _row(problem: Problem) -> dict[str, Any]:
    line, column = problem.position or (None, None)
    return {
        "file": problem.origin.source, "line": line, "column": column, "pointer": problem.pointer,
        "severity": problem.severity, "message": problem.message,
    }  # fmt: skip


def _github(problems: Sequence[Problem]) -> Iterator[str]:
    from ..reports.github import annotation

    for problem in problems:
        row = _row(problem)
        place = {"file": row["file"], "line": row["line"], "col": row["column"]}
        yield annotation(problem.severity, problem.message, **place).rstrip("\n")


_FORMS = {"text": _text, "json": _json, "github": _github}
