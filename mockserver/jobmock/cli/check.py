"""`jobmock check`: holds a live job, or recorded traffic, against the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import sources


@click.command()
@sources.options
@click.option("--format", "form", type=click.Choice(sources.FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report there.")
@click.option(
    "--fail-on", type=click.Choice(sources.FAIL_ON), default="breaking", show_default=True,
    help="End with 1 where there is something as bad as this, or worse.",
)
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Known violations, to be accepted.")
@click.option("--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Accept all that there is.")
def command(
    form: str, output: Path | None, fail_on: str, baseline: Path | None, write_baseline: Path | None, **given: Any
) -> int:  # fmt: skip
    """Check answers of the real APIs: a job that is polled to its end, or recorded FILEs.

    FILEs are HAR, VCR cassettes, JSON Lines of exchanges, or JSON bodies (with --api and --operation). Without any, a
    live job is followed: --api, and --job-id or --start. The key is read from the environment.
    """
    from ..checking import baseline as baselines
    from ..checking.formats import rendered, summary

    accepted = baselines.read(baseline) if baseline else frozenset()
    with sources.checked(accepted, **given) as check:
        report = check.verdict()
        if output:
            sources.write(output, click.unstyle(rendered(report, form)))
            click.echo(summary(report), err=True)
        else:
            click.echo(rendered(report, form), nl=False)
    if write_baseline:
        rows = baselines.write(write_baseline, report)
        click.echo(f"{rows} violation{'s' * (rows != 1)} accepted in {write_baseline}.", err=True)
        return 0
    return 1 if report.fails(fail_on) else 0
