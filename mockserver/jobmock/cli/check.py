"""`jobmock check`: checks a live job, or recorded traffic, against the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import sources


@click.command()
@sources.options
@click.option("--format", "form", type=click.Choice(sources.FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report to this file.")
@click.option(
    "--fail-on", type=click.Choice(sources.FAIL_ON), default="breaking", show_default=True,
    help="Exit with 1 for violations of this kind or worse.",
)
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Known violations, to accept.")
@click.option("--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Write a baseline.")
def command(
    form: str, output: Path | None, fail_on: str, baseline: Path | None, write_baseline: Path | None, **given: Any
) -> int:  # fmt: skip
    """Check answers of the real APIs: of recorded FILEs, or of a live job that is polled to its end.

    FILEs are HAR, VCR cassettes, JSON Lines of exchanges, or JSON bodies (with --api and --operation). Without FILEs a
    live job is polled: give --api, and --job-id or --start. The key is read from the environment.
    """
    from ..checking.baseline import read_baseline, save_baseline
    from ..checking.formats import render, summary

    accepted = read_baseline(baseline) if baseline else frozenset()
    with sources.checked(accepted, **given) as check:
        report = check.final_report()
        if output:
            click.echo(summary(report), err=True)
            sources.write(output, click.unstyle(render(report, form)))
        else:
            click.echo(render(report, form), nl=False)
    if write_baseline:
        rows = save_baseline(write_baseline, report)
        click.echo(f"{rows} violation{'s' * (rows != 1)} accepted in {write_baseline}.", err=True)
        return 0
    return 1 if report.fails(fail_on) else 0
