"""`python -m tests.virtual.matrix run|races|table|cell`: every way to wait, in every place, in virtual time."""

from __future__ import annotations

import signal
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click


@click.group()
def main() -> None:
    """Try every way to wait and to read a clock, in every place, in virtual time."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the `finally` blocks end the child processes


@main.command()
@click.argument("patterns", nargs=-1, metavar="[CONSTRUCT…]")
@click.option("--place", "wanted", multiple=True, help="Only this place; a pattern is allowed.")
@click.option("--jobs", default=4, help="How many processes run at once.")
@click.option("--once", is_flag=True, help="Don't try a cell again that hung.")
@click.option("--sample", type=int, help="Run only so many cells, each construct at most once.")
@click.option("--fraction", type=float, default=1.0, help="Run only a part of the cells.")
@click.option("--seed", default=0, help="Chooses the sample or the part.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write the results to this file.")
def run(patterns: tuple[str, ...], wanted: tuple[str, ...], to: Path | None, **how: Any) -> None:
    """Run the cells, and exit with 1 if one is wrong. Patterns are like `time.*` or `*.sleep*`."""
    from tests.virtual.matrix import runner
    from tests.virtual.matrix.cells import PLACES, everything
    from tests.virtual.matrix.results import ResultTable, part, sample

    places = [place for place in PLACES if not wanted or any(fnmatch(place, one) for one in wanted)]
    constructs = [
        one for name, one in everything().items() if not patterns or any(fnmatch(name, pattern) for pattern in patterns)
    ]
    chosen = runner.cells(constructs, places)
    if how["sample"] is not None:
        chosen = sample(chosen, how["sample"], how["seed"])
    chosen = part(chosen, how["fraction"], how["seed"])
    shown = ResultTable(chosen)
    for result in runner.run(chosen, how["jobs"], again=not how["once"]):
        shown.add(result)
    shown.finish(to)


@main.command()
@click.option("--times", default=200, help="How often each race is run.")
@click.option("--jobs", default=4, help="How many processes run at once.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write the lost races to this file.")
def races(times: int, jobs: int, to: Path | None) -> None:
    """Run the races, and exit with 1 if one is lost."""
    from tests.virtual.matrix import races
    from tests.virtual.matrix.results import show_races

    show_races(races.run(times, jobs), races.RACES, times, to)


@main.command()
@click.argument("results", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[RESULTS.json…]")
@click.option("--check", is_flag=True, help="Only print where the page differs from what is expected.")
def table(results: tuple[Path, ...], check: bool) -> None:
    """Write pytest_plugin/VIRTUAL_TIME.md from the results of one run for each Python."""
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
    """Run one cell in this interpreter, and print its report."""
    from tests.virtual.matrix.player import play_and_print

    play_and_print(name, place)


if __name__ == "__main__":
    main()
