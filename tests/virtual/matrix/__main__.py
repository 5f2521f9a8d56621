"""`python -m tests.virtual.matrix run|table|list`: every way to wait, in every place, in virtual time."""

from __future__ import annotations

import signal
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click


@click.group()
def main() -> None:
    """Every way to wait and to read a clock, wherever it can be called, in virtual time."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and not without ending the processes that play


@main.command()
@click.argument("patterns", nargs=-1, metavar="[CONSTRUCT…]")
@click.option("--place", "wanted", multiple=True, help="A place, or a pattern; all unless given.")
@click.option("--jobs", default=4, help="How many processes at once.")
@click.option("--once", is_flag=True, help="Don't try again what hung.")
@click.option("--sample", type=int, help="So many cells, each construct at most once.")
@click.option("--fraction", type=float, default=1.0, help="How much of them.")
@click.option("--seed", default=0, help="Decides which.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write the results there.")
def run(patterns: tuple[str, ...], wanted: tuple[str, ...], to: Path | None, **how: Any) -> None:
    """Play the cells; ends with 1 if any is wrong. Patterns are like `time.*` or `*.sleep*`."""
    from tests.virtual.matrix import running
    from tests.virtual.matrix.cells import PLACES, everything
    from tests.virtual.matrix.showing import Shown, part, sample

    places = [place for place in PLACES if not wanted or any(fnmatch(place, one) for one in wanted)]
    constructs = [
        one for name, one in everything().items() if not patterns or any(fnmatch(name, pattern) for pattern in patterns)
    ]
    chosen = running.cells(constructs, places)
    if how["sample"] is not None:
        chosen = sample(chosen, how["sample"], how["seed"])
    chosen = part(chosen, how["fraction"], how["seed"])
    shown = Shown(chosen)
    for result in running.run(chosen, how["jobs"], again=not how["once"]):
        shown.add(result)
    shown.end(to)


@main.command()
@click.option("--times", default=200, help="How often each.")
@click.option("--jobs", default=4, help="How many processes at once.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write what went wrong there.")
def races(times: int, jobs: int, to: Path | None) -> None:
    """Run the races; ends with 1 if any is lost."""
    from tests.virtual.matrix import races
    from tests.virtual.matrix.showing import show_races

    show_races(races.run(times, jobs), races.RACES, times, to)


@main.command()
@click.argument("results", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[RESULTS.json…]")
@click.option("--check", is_flag=True, help="Only say where it differs from the constructs' data.")
def table(results: tuple[Path, ...], check: bool) -> None:
    """Write pytest_plugin/VIRTUAL_TIME.md from the results of runs, one for each Python."""
    from tests.virtual.matrix.cells import everything
    from tests.virtual.matrix.table import PAGE, differences, write

    constructs = list(everything().values())
    if not check:
        write(constructs, results)
    wrong = differences(constructs, PAGE.read_text())
    for line in wrong:
        click.echo(line)
    raise SystemExit(1 if wrong else 0)


@main.command()
@click.argument("name")
@click.argument("place")
def cell(name: str, place: str) -> None:
    """Play one cell in this interpreter, and print what became of it."""
    from tests.virtual.matrix.playing import alone

    alone(name, place)


if __name__ == "__main__":
    main()
