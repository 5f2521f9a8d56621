"""`jobmock new-api`: writes a package with an API of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError

if TYPE_CHECKING:
    from ..new_api.model import NewApi


@click.command()
@click.argument("name")
@click.option("--openapi", "document", type=click.Path(path_type=Path), metavar="FILE",
              help="Take operations, schemas and errors from this OpenAPI document (3.0 or 3.1, YAML or JSON).")
@click.option("--start", metavar="'METHOD PATH'", help="The operation of the document that starts a job.")
@click.option("--status", metavar="'METHOD PATH'", help="The operation of the document that polls a job.")
@click.option("--output", type=click.Path(path_type=Path), metavar="DIR",
              help="The new folder of the package.  [default: jobmock-NAME]")  # fmt: skip
def command(name: str, document: Path | None, start: str | None, status: str | None, output: Path | None) -> int:
    """Write a package that brings the API NAME into jobmock, with a scenario, a small client and tests.

    Each line with `GAP:` in it says what is a guess or an example.
    """
    from ..apis.new_names import problems_of
    from ..new_api.names import check_name
    from ..new_api.package_files import host_and_paths, package_files, write_package

    check_name(name)
    files, gaps = package_files(name, _api(name, document, start, status))
    folder = output or Path(f"jobmock-{name}")
    write_package(folder, files)
    click.echo(f"{folder}: a package with the API {name}. Next: cd {folder} && pip install -e . && python -m pytest")
    click.echo("Gaps (guesses and examples) to fill:")
    for gap in gaps:
        click.echo(f"{folder / gap.file}:{gap.line}: {gap.text}")
    for problem in problems_of(name, *host_and_paths(files)):
        click.echo(f"jobmock: {problem}", err=True)
    return 0


def _api(name: str, document: Path | None, start: str | None, status: str | None) -> NewApi | None:
    """Return the API that a document describes; None without a document. Raises UsageError."""
    if document is not None:
        from ..new_api.from_openapi import api_of

        return api_of(name, document, start, status)
    for option, value in (("--start", start), ("--status", status)):
        if value is not None:
            raise UsageError(f"{option} names an operation of an OpenAPI document. Give that with --openapi FILE.")
    return None
