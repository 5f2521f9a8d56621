"""`jobmock check`: checks a live job, or recorded traffic, against the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..checking.formats import FORMATS
from ..checking.report import FAIL_ON, Report
from ..errors import UsageError
from ..reports.requested import RequestedReport, check_reports, parse_report
from . import sources

if TYPE_CHECKING:
    from ..checking.distribution.checked_file import File

_DEFAULT = "text"


@click.command()
@sources.options
@click.option("--format", "form", type=click.Choice(FORMATS.names), help="The form of the report.  [default: text]")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report to this file.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
              help="Write a report in this format too, to stdout or to FILE. May be given again.")  # fmt: skip
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="breaking", show_default=True,
    help="Exit with 1 for violations of this kind or worse.",
)
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Known violations, to accept.")
@click.option("--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Write a baseline.")
@click.option("--update-baseline", is_flag=True,
              help="Write the file of --baseline again: with what was found, and without what didn't occur.")
@click.option("--merge", is_flag=True, help="FILEs are JSON reports of checks, to be merged into one report.")
def command(
    form: str | None, output: Path | None, reports: tuple[str, ...], fail_on: str, baseline: Path | None,
    write_baseline: Path | None, update_baseline: bool, merge: bool, **given: Any,
) -> int:  # fmt: skip
    """Check answers of the real APIs: of recorded FILEs, or of a live job that is polled to its end.

    FILEs are HAR, VCR cassettes, JSON Lines of exchanges, or JSON bodies (with --api and --operation). Without FILEs a
    live job is polled: give --api, and --job-id or --start. The key is read from the environment.
    """
    from ..checking.baseline import read_baseline, save_baseline, update
    from ..checking.formats import summary
    from ..reports.requested import write_reports

    requested = _requested(form, output, reports)
    if update_baseline and (baseline is None or write_baseline):
        raise UsageError("--update-baseline needs --baseline, the file to update, and no --write-baseline.")
    if merge:
        _check_merge({**given, "baseline": baseline})
    is_new = update_baseline and baseline is not None and not baseline.exists()
    accepted = read_baseline(baseline) if baseline and not is_new else frozenset()
    with_jobs = any(one.form == "html" for one in requested)
    with _merged(given["files"]) if merge else sources.report_of(accepted, with_jobs=with_jobs, **given) as report:
        if all(one.path for one in requested):
            click.echo(summary(report), err=True)
        write_reports(requested, lambda name: FORMATS.render(report, name))
    if write_baseline:
        rows = save_baseline(write_baseline, report)
        click.echo(f"{rows} violation{'s' * (rows != 1)} accepted in {write_baseline}.", err=True)
        return 0
    if update_baseline and baseline:
        click.echo(f"{baseline}: {update(baseline, report)}.", err=True)
        return 0
    return 1 if report.fails(fail_on) else 0


def _check_merge(given: dict[str, Any]) -> None:
    """Raise UsageError for an option that a check has used already."""
    for name, value in given.items():
        if name not in ("files", "interval") and value:
            option = {"base_paths": "base-path", "processes": "jobs"}.get(name, name.replace("_", "-"))
            raise UsageError(f"--{option} is for a check, and --merge reads the reports of checks.")


@contextmanager
def _merged(files: tuple[File, ...]) -> Iterator[Report]:
    """Yield the report that is merged of others. Raises UsageError."""
    from ..checking.saved_reports import merge_reports, read_report

    if not files:
        raise UsageError("--merge needs FILEs: JSON reports of checks.")
    yield merge_reports([read_report(Path(str(path))) for path in files])


def _requested(form: str | None, output: Path | None, reports: tuple[str, ...]) -> list[RequestedReport]:
    """Return the reports to write. Unless another one goes to stdout, `--format` has a default. Raises UsageError."""
    requested = [parse_report(text, FORMATS.names) for text in reports]
    if form or output or all(report.path for report in requested):
        requested.insert(0, RequestedReport(form or _DEFAULT, output))
    check_reports(requested, "stdout")
    return requested
