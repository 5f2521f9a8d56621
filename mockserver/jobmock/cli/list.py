"""`jobmock list`: the scenarios that can be played."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..errors import printable
from . import options


@click.command()
@options.scenarios
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(folders: tuple[Path, ...], form: str) -> int:
    """List the scenarios: name, source and summary."""
    catalogue = options.catalogue(folders)
    rows = [entry.row() for entry in catalogue.entries()]
    if form == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        own = "" if row["source"] == "bundled" else f"  [{printable(row['source'])}]"
        click.echo(f"{click.style(printable(row['name']).ljust(width), bold=True)}  {row['summary']}{own}")
    return 0
