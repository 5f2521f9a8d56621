"""`jobmock explain`: one scenario as a timeline."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command()
@click.argument("scenario")
@options.scenarios
def command(scenario: str, folders: tuple[Path, ...]) -> int:
    """Show SCENARIO, a name or a file, as a timeline: how long each status holds, which requests meet a fault."""
    from ..catalogue.explain_scenario import explain

    click.echo(explain(options.plan(options.catalogue(folders), scenario)), nl=False)
    return 0
