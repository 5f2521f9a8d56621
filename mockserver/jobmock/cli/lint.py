"""`jobmock lint`: checks scenario files against the language, the contract and the API's transitions; or whole APIs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import api_problems, apis
from ..errors import UsageError
from . import progress

if TYPE_CHECKING:
    from ..errors import Problem


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="FILE...")
@click.option("--api", "names", multiple=True, metavar="NAME",
              help="Check the package of this API: tables, schemas, scenarios. May be given again.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
def command(files: tuple[Path, ...], names: tuple[str, ...], form: str, strict: bool) -> int:
    """Check scenario files (or folders of them), or APIs. Ends with 2 if any can't be played."""
    if not files and not names:
        raise click.UsageError("Missing argument 'FILE...', or an API: --api NAME.")
    paths = list(_expanded(files))
    if files and not paths:
        raise UsageError(f"There are no scenario files in {', '.join(map(str, files))}.")
    api_problems.report_to(partial(_report_other, names))
    apis.problems()
    checks = [*(partial(_problems_of_api, name) for name in names), *(partial(_problems, path) for path in paths)]
    with progress(checks, "Checking") as bar:
        problems = [problem for check in bar for problem in check()]
    for line in _FORMS[form](problems):
        click.echo(line)
    counted = [problem for problem in problems if problem.severity != "note"]
    failed = [problem for problem in counted if strict or problem.severity == "error"]
    if form == "text":
        checked = ((len(names), "API"), (len(paths), "file"))
        what = " and ".join(_counted(number, what) for number, what in checked if number)
        click.echo(f"{what} checked, {_counted(len(counted) or 'no', 'problem')} found.", err=True)
    return 2 if failed else 0


def _report_other(names: Sequence[str], name: str, problem: str) -> None:
    """Print why an API can't be used, unless it is one of those that are checked: for these it is a finding."""
    if name not in names:
        click.echo(problem, err=True)


def _expanded(files: Sequence[Path]) -> Iterator[Path]:
    from ..catalogue import scenario_files

    for file in files:
        if os.path.isdir(file):
            yield from (path for path, _ in scenario_files(file))
        else:
            yield file


def _problems(path: Path) -> list[Problem]:
    from ..catalogue.file_problems import problems_of_file

    return problems_of_file(path, f"{path.absolute().parent.name}/{path.stem}")


def _problems_of_api(name: str) -> list[Problem]:
    from ..api_checks import check_api

    return check_api(name)


def _counted(number: int | str, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _text(problems: Sequence[Problem]) -> Iterator[str]:
    colours = {"error": "red", "warning": "yellow", "note": "cyan"}
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
        level = {"note": "notice"}.get(problem.severity, problem.severity)
        yield annotation(level, problem.message, **place).rstrip("\n")


_FORMS = {"text": _text, "json": _json, "github": _github}
