"""`jobmock drift`: proposes changes of the schemas, so that they accept the answers of the real APIs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import sources


@click.command()
@sources.options
@click.option("--format", "form", type=click.Choice(["diff", "json"]), default="diff", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the proposal to this file.")
@click.option(
    "--write-schemas", type=click.Path(path_type=Path), metavar="DIR",
    help="Write the changed documents into this folder, for `check --schemas`.",
)
def command(form: str, output: Path | None, write_schemas: Path | None, **given: Any) -> int:
    """Propose changes of `schemas/` that accept the answers in FILEs, or of a live job.

    The sources are those of `jobmock check`. `json` is a JSON Patch (RFC 6902) for each document. Violations that need
    a decision by a person are listed. Exits with 1 where there is anything to propose or to decide.
    """
    from ..checking.formats import odd_lines
    from ..checking.schema_patches import propose
    from ..checking.schema_patches.rendering import render_diff, render_json
    from ..checking.schema_patches.written import write_documents
    from ..reports.requested import write_report

    with sources.checked(frozenset(), **given) as check:
        report = check.final_report()
        for line in odd_lines(report.odd):
            click.echo(line, err=True)
        found = propose(report)
        if write_schemas:
            write_documents(write_schemas, found)
        text = render_json(found) if form == "json" else render_diff(found)
        if output:
            write_report(output, text)
        else:
            click.echo(text, nl=False)
    return 1 if found.patches or found.by_hand else 0
