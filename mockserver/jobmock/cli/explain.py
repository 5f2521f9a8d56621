"""`jobmock explain`: one scenario as a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..reports.requested import write_report
from . import options

if TYPE_CHECKING:
    from ..engine.progression import Plan


@click.command()
@click.argument("scenario")
@options.scenarios
@click.option("--format", "form", type=click.Choice(("text", "svg", "html")), default="text", show_default=True,
              help="The form of the timeline.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the timeline to this file.")
def command(scenario: str, folders: tuple[Path, ...], form: str, output: Path | None) -> int:
    """Show SCENARIO, a name or a file, as a timeline: how long each status holds, which requests meet a fault."""
    text = _timeline(options.plan(options.catalogue(folders), scenario), form)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_report(output, text)
    return 0


def _timeline(plan: Plan, form: str) -> str:
    if form == "svg":
        from ..timelines.scenario_svg import scenario_svg

        return scenario_svg(plan)
    if form == "html":
        from ..timelines.scenario_page import scenario_page

        return scenario_page(plan)
    from ..catalogue.explain_scenario import explain

    return explain(plan)
