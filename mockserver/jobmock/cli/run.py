"""`jobmock run`: runs a command as the client of a mock, and judges what it did."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import apis
from ..errors import ScenarioError, UnknownScenario, UsageError
from . import options

if TYPE_CHECKING:
    from ..commands.command_run import CommandRun
    from ..commands.runner import RunSettings
    from ..reports.requested import RequestedReport

TIME_MODES = ("virtual", "scaled", "skip-delays", "manual", "real")
LEVELS = ("error", "warning", "off")
_INTERRUPTED = 130


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--scenario", "wanted", multiple=True, metavar="NAME|PATTERN|FILE",
    help="What the mock plays, once for each API. A pattern, or several of one API, give several runs.",
)  # fmt: skip
@options.scenarios
@click.option("--time", "mode", type=click.Choice(TIME_MODES),
              help="virtual: the command's own sleeps move the mock's clock. Default: virtual.")  # fmt: skip
@click.option("--speed", type=float, help="How many times faster scaled time is. It implies --time scaled.")
@click.option("--deadline", type=click.FloatRange(0, min_open=True), default=259_200.0, show_default=True,
              help="End the command after so many seconds of the mock's clock.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(0, min_open=True),
              help="Real seconds after which the command is ended. Default: none.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="How many runs there are at once.")
@click.option("--with-job", is_flag=True,
              help=f"Give the command a job of each API: {' and '.join(apis.variables('JOB_ID'))}.")  # fmt: skip
@click.option("--env", "variables", multiple=True, metavar="NAME=VALUE",
              help=f"A variable for the command, such as URL={{{apis.EXAMPLE}.url}}/api. "
                   "May be given again.")  # fmt: skip
@click.option("--intercept", is_flag=True, help="Lead calls to the real hosts to the mock, by a proxy.")
@click.option("--no-network", is_flag=True, help="With --intercept: refuse all other hosts.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True,
              help="The port of the mock; 0 takes a free one.")  # fmt: skip
@click.option("--limits", type=click.Path(path_type=Path),
              help="File with rate limits that replace the documented ones.")  # fmt: skip
@options.switches
@click.option("--seed", default=0, show_default=True, help="Seed of the ids of jobs.")
@click.option("--etiquette", type=click.Choice(LEVELS), default="error", show_default=True,
              help="What findings about the command do: fail the run, or warn.")  # fmt: skip
@click.option("--rules", metavar="RULE=LEVEL,…", default="", help="Severity of single rules: error, warning or off.")
@click.option("--artifacts", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write traffic (HAR 1.2), picture (HTML) and scenarios of each run to this folder.")  # fmt: skip
@click.option("--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
              help="Write a report of all runs to stderr or to FILE: text, json, junit, github, markdown, "
                   "html.")  # fmt: skip
@click.option("--coverage", is_flag=True, help="Show what the client met of the APIs, of all that it can meet.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND…")
def command(
    command: tuple[str, ...], wanted: tuple[str, ...], folders: tuple[Path, ...], jobs: int,
    reports: tuple[str, ...], **given: Any,
) -> int:  # fmt: skip
    """Run a COMMAND as the client of a mock of all APIs, and judge what it did.

    The command finds the mock in its environment: CLADO_BASE_URL and CLADO_API_KEY, ORBIT_BASE_URL and ORBIT_API_KEY.
    jobmock exits with the command's exit code. If that is 0 and the client broke a rule, jobmock exits with 1.
    """
    if not command:
        raise click.UsageError("Give the command after `--`.")
    from ..commands.display import RunDisplay
    from ..commands.planning import planned_runs
    from ..commands.reports import FORMATS
    from ..commands.runner import CommandRunner
    from ..commands.starting import NotStarted
    from ..reports.requested import check_reports, parse_report

    requested = [parse_report(text, FORMATS.names) for text in reports]
    check_reports(requested, "stderr")
    catalogue = options.catalogue(folders)
    try:
        settings = _settings(jobs=jobs, **given)
        planned = planned_runs(catalogue, wanted)
    except UnknownScenario:
        raise
    except ScenarioError as error:
        raise UsageError(f"The run can't begin:\n{error}") from None
    if given["port"] and jobs > 1 and len(planned) > 1:
        raise UsageError("--port gives all runs the same port, and --jobs runs them at once. Leave one of the two out.")
    has_report = any(report == ("text", None) for report in requested)
    display = RunDisplay(len(planned), jobs, has_report=has_report)
    try:
        runs = CommandRunner(command, catalogue, settings, display).run(planned)
    except NotStarted as error:
        click.echo(f"jobmock: {error}", err=True)
        return error.exit_code
    display.all_ended(runs)
    _write_reports(runs, requested)
    return _exit_code(runs, len(planned) - len(runs))


def _write_reports(runs: list[CommandRun], requested: list[RequestedReport]) -> None:
    """Write the reports. If none is requested, the coverage is printed, if it was counted."""
    from ..commands.reports import FORMATS
    from ..commands.reports.run_report import whole_coverage
    from ..coverage.reports import FORMATS as COVERAGE
    from ..reports.requested import write_reports

    shown = [run.report() for run in runs]
    write_reports(requested, lambda form: FORMATS.render(shown, form), err=True)
    coverage = whole_coverage(shown)
    if coverage is not None and not requested:
        click.echo(COVERAGE.render(coverage, "text"), err=True, nl=False)


def _settings(
    *, jobs: int, with_job: bool, variables: tuple[str, ...], mode: str | None, speed: float | None, seed: int,
    port: int, limits: Path | None, switches: tuple[str, ...], etiquette: str, rules: str, timeout: float | None,
    deadline: float, artifacts: Path | None, intercept: bool, no_network: bool, coverage: bool,
) -> RunSettings:  # fmt: skip
    """Return the settings of the runs. Raises UsageError, ScenarioError."""
    from ..commands.environment import parse_variable
    from ..commands.run_mock import MockSettings
    from ..commands.runner import RunSettings
    from ..etiquette import RuleSettings

    if no_network and not intercept:
        raise UsageError("--no-network is for the proxy of --intercept. Give both.")
    time, factor = options.clock_mode(mode, speed, "virtual")
    if artifacts:
        _make_folder(artifacts)
    return RunSettings(
        mock=MockSettings(
            time=time, speed=factor, seed=seed, port=port, with_job=with_job, records=artifacts is not None,
            coverage=coverage,
            **options.server_settings(limits, switches),
        ),
        rules=None if etiquette == "off" else RuleSettings(severities=_severities(rules)),
        strict=etiquette == "error", variables=[parse_variable(one, with_job=with_job) for one in variables],
        timeout=timeout, deadline=deadline, artifacts=artifacts, jobs=jobs,
        intercept=intercept, no_network=no_network,
    )  # fmt: skip


def _severities(text: str) -> dict[str, str]:
    from ..etiquette import parse_severities

    try:
        return parse_severities(text)
    except UsageError as error:
        raise UsageError(f"--rules is {text!r}. {error}") from None


def _make_folder(folder: Path) -> None:
    """Make the folder of the artifacts. Raises UsageError if it can't be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {str(folder)!r} can't be made: {error.strerror}.") from None
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{str(folder)!r} can't be written to.")


def _exit_code(runs: list[CommandRun], left_out: int) -> int:
    """Return the largest exit code of the runs, or 130 if a signal kept runs from beginning."""
    if left_out:
        click.echo(f"jobmock: Interrupted before {left_out} of {left_out + len(runs)} runs.", err=True)
        return _INTERRUPTED
    return max(run.exit_code for run in runs)
