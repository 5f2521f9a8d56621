"""`jobmock list`: the scenarios that can be played."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from .. import apis
from ..catalogue.similar_names import hint_of_names
from ..errors import printable, short_repr
from . import options


@click.command()
@click.argument("word", required=False)
@click.option("--api", type=click.Choice(apis.names()), help="List only the scenarios of this API.")
@options.scenarios
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(word: str | None, api: str | None, folders: tuple[Path, ...], form: str) -> int:
    """List the scenarios: name, source and summary. With WORD, those that have it in their name or summary."""
    catalogue = options.catalogue(folders)
    rows = [entry.row() for entry in catalogue.entries() if api in (None, entry.scenario.api)]
    found = rows if word is None else [row for row in rows if _has(row, word)]
    if not found:
        _report_none(word, api, [row["name"] for row in rows])
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    width = max((len(row["name"]) for row in found), default=0)
    for row in found:
        own = "" if row["source"] == "bundled" else f"  [{printable(row['source'])}]"
        click.echo(f"{click.style(printable(row['name']).ljust(width), bold=True)}  {row['summary']}{own}")
    return 0


def _has(row: Mapping[str, str], word: str) -> bool:
    """Return whether a word is in a scenario's name or summary, in capitals or not."""
    return any(word.casefold() in row[member].casefold() for member in ("name", "summary"))


def _report_none(word: str | None, api: str | None, names: Sequence[str]) -> None:
    """Print that no scenario was found, with similar names."""
    of_api = f" of {api}" if api else ""
    has = f" has {short_repr(word)} in its name or summary" if word else " was found"
    click.echo(f"jobmock: No scenario{of_api}{has}.{hint_of_names(word or '', names)}", err=True)
