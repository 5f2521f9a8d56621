"""`python -m tests.pythons [ARGUMENT…]`: run the tests on each supported CPython that is found.

Arguments are pytest's, such as paths; put options of pytest after `--`. Exits with 1 if a test failed.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click
from tests.pythons import chroot, finding, running
from tests.pythons.finding import Interpreter


@click.command()
@click.argument("arguments", nargs=-1, metavar="[PATH…] [-- OPTION…]")
@click.option("--only", multiple=True, metavar="VERSION", help="Only this version, such as 3.12 or 3.12.1.")
@click.option("--others", is_flag=True, help="Skip the version that runs this command.")
@click.option("--at-once", type=click.IntRange(1), default=1, show_default=True, help="How many of them run at once.")
@click.option("--chroot", "debian", is_flag=True, help="Also 3.14 and 3.15 from Debian sid; as root, on Debian.")
@click.option("--folder", type=click.Path(path_type=Path), help="The folder of a chroot that is kept.")
def main(
    arguments: tuple[str, ...], only: tuple[str, ...], others: bool, at_once: int, debian: bool, folder: Path | None
) -> None:
    """Run pytest with ARGUMENTS on other interpreters."""
    if folder and not debian:
        raise click.UsageError("--folder needs --chroot.")
    here = platform.python_version().rpartition(".")[0] if others else ""
    inside: AbstractContextManager[list[Interpreter]] = chroot.chroot(folder) if debian else nullcontext([])
    try:
        with inside as more:
            known = {interpreter.version: interpreter for interpreter in (*more, *finding.interpreters())}
            failed = _run_tests(_chosen(finding.ordered(known.values()), only, here), arguments, at_once)
    except chroot.Refused as error:
        raise click.UsageError(str(error)) from None
    except subprocess.CalledProcessError as error:
        raise click.ClickException(f"{' '.join(error.cmd[-3:])} ended with {error.returncode}.") from None
    sys.exit(1 if failed else 0)


def _chosen(found: Sequence[Interpreter], only: tuple[str, ...], without: str) -> list[Interpreter]:
    """Return the interpreters of these versions. Raises click.UsageError for one that isn't found."""
    missing = set(only).difference(*((one.version, one.minor) for one in found))
    if missing:
        versions = ", ".join(one.version for one in found)
        raise click.UsageError(f"There is no CPython {', '.join(sorted(missing))} here. Found: {versions or 'none'}.")
    return [one for one in found if one.minor != without and (not only or {one.version, one.minor} & set(only))]


def _run_tests(interpreters: Sequence[Interpreter], arguments: tuple[str, ...], at_once: int) -> int:
    """Run the tests on each interpreter and print the outcome; return how many failed."""
    if not interpreters:
        click.echo("No other supported CPython was found.")
    failed = 0
    with ThreadPoolExecutor(at_once) as pool:
        for outcome in pool.map(lambda one: running.run_tests(one, arguments), interpreters):
            failed += outcome.failed
            click.echo("\n".join(outcome.lines()))
    return failed


if __name__ == "__main__":
    main()
