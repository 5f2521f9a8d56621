"""`jobmock exhaust`: runs a client against every script of statuses and failures up to a length."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import apis
from ..clock import EPOCH
from ..errors import UsageError
from ..files import write_file
from . import options, progress
from .client_callable import imported

if TYPE_CHECKING:
    from ..strategies.exhaustive import Certificate

TIME_MODES = ("virtual", "scaled")


@click.command()
@click.option("--api", required=True, type=click.Choice(apis.names()), help="The API whose jobs the client polls.")
@click.option("--client", metavar="MODULE:NAME", help="A Python callable run_client(url, api_key, job_id).")
@click.option(
    "--length",
    type=click.IntRange(1, 12),
    default=3,
    show_default=True,
    help="Length of the longest scripts.",
)
@click.option("--alphabet", metavar="SYMBOL,…", default="", help="Symbols of the scripts. Default: a few usual ones.")
@click.option("--certificate", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write what was tried and found as JSON.")  # fmt: skip
@click.option("--save", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write the shortest script of each finding as a scenario below DIR.")  # fmt: skip
@click.option("--persistent", is_flag=True,
              help="The COMMAND stays alive, and reads a line for each script.")  # fmt: skip
@click.option("--time", "mode", type=click.Choice(TIME_MODES),
              help="For a COMMAND: virtual (default), in which its sleeps take no time, or scaled.")  # fmt: skip
@click.option("--speed", type=click.FloatRange(0.001, 1_000_000),
              help="For a COMMAND: how many times faster scaled time is. It implies --time scaled.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(0.1), default=120.0, show_default=True,
              help="For a COMMAND: real seconds that it may take for one script.")  # fmt: skip
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND…]")
def command(api: str, client: str | None, alphabet: str, arguments: tuple[str, ...], certificate: Path | None,
            folder: Path | None, **more: Any) -> int:  # fmt: skip
    """Play every script of statuses and failures, up to a length, to a client; report those that it fails.

    The client is a Python callable or a COMMAND. Both live in virtual time. A command finds its job in the
    environment: CLADO_BASE_URL, CLADO_API_KEY and CLADO_JOB_ID (or ORBIT_…). It prints the job's last answer and exits
    with 0, or with another code if it fails.
    """
    from ..strategies.exhaustive import certificate_lines

    if bool(client) == bool(arguments):
        raise click.UsageError("Give the client as --client MODULE:NAME, or as a command after `--`.")
    symbols = [symbol.strip() for symbol in alphabet.split(",") if symbol.strip()]
    if alphabet and not symbols:
        raise click.UsageError(f"--alphabet is {alphabet!r}, which has no symbol. Leave it out for the usual ones.")
    _check_writable(certificate and certificate.parent, folder)
    found, is_exact = _exhausted(api, client, arguments, symbols, **more)
    for line in certificate_lines(found):
        click.echo(line)
    try:
        if certificate:
            write_file(certificate, found.to_json())
        if folder:
            _save(found, folder, EPOCH if is_exact else None)
    except OSError as error:
        raise UsageError(f"{error.filename!r} can't be written: {error.strerror}.") from None
    return 1 if found.findings else 0


def _exhausted(
    api: str, client: str | None, arguments: tuple[str, ...], symbols: list[str], *, length: int, persistent: bool,
    mode: str | None, speed: float | None, timeout: float,
) -> tuple[Certificate, bool]:  # fmt: skip
    """Return the certificate, and whether the client lived in virtual time."""
    from ..strategies.command_runner import CommandTime
    from ..strategies.exhaustive import exhaust, exhaust_command

    time, factor = options.clock_mode(mode, speed, "virtual")
    if client:
        if persistent or time != "virtual":
            raise UsageError("--persistent, --time scaled and --speed are for a COMMAND, and --client is a callable.")
        return exhaust(imported(client), api=api, symbols=symbols, length=length, client=client, shown=_bar), True
    found = exhaust_command(
        arguments, api=api, time=CommandTime(mode=time, speed=factor, timeout=timeout), persistent=persistent,
        symbols=symbols, length=length, shown=_bar,
    )  # fmt: skip
    return found, time == "virtual"


def _check_writable(*folders: Path | None) -> None:
    """Raise UsageError if a folder, or the nearest one above it that exists, can't be written to."""
    for folder in filter(None, folders):
        place = next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.exists(place))
        if not os.path.isdir(place) or not os.access(place, os.W_OK):
            raise UsageError(f"{str(folder)!r} can't be written to.")


def _bar(items: Iterable[Any], number: int) -> Iterable[Any]:
    with progress(list(items), "Scripts") as shown:
        yield from shown


def _save(found: Certificate, folder: Path, start: int | None) -> None:
    from ..strategies.exhaustive import counterexamples
    from ..strategies.regressions import write

    for scenario, said in counterexamples(found):
        click.echo(f"Saved as {write(scenario, found.client, said, folder, start=start)}.")
