"""`jobmock schema`: the JSON Schema of scenarios, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..errors import StartError
from ..files import write_file


@click.command()
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the schema to this file.")
def command(output: Path | None) -> int:
    """Write the JSON Schema of scenarios as one file, with the words of every API, for editors."""
    from .. import apis
    from ..contract.scenario_schema import bundled

    names = [api.name for api in apis.all_apis()]
    text = json.dumps(bundled(names), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return 0
    try:
        write_file(output, text.encode("utf-8"))
    except OSError as error:
        raise StartError(f"The schema can't be written to {str(output)!r}: {error.strerror or error}.") from None
    return 0
