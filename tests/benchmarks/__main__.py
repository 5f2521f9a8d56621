"""`python -m tests.benchmarks [NAME…]`: measure jobmock beside others and print ratios, on loopback only.

`chart FILE.json` draws the figures that `--json FILE.json` wrote. `NAME --against COMMIT` compares two trees, as
`against` describes, and `NAME --more-apis N` one tree without and with N more APIs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from tests.benchmarks import chart, figures_file
from tests.benchmarks.trees import ROUND_BASE

_BENCHMARKS = {
    "servers": "servers.run",
    "latency": "latency.run",
    "inprocess": "inprocess.run",
    "growth": "growth.run",
    "parts": "parts.run",
    "startup": "startup.run",
    "people": "people.run",
    "memory": "memory.run",
    "resident": "resident.run",
    "polls": "polls.run",
    "polls-long": "polls.run_long",
    "run": "run.run",
    "conform": "conform.run",
    "fixture": "fixture.run",
    "plugin": "plugin.run",
    "check": "check.run",
    "check-jobs": "check_jobs.run",
    "check-large": "check_large.run",
    "scripts": "scripts.run",
    "commands": "client_commands.run",
    "verdict": "verdict.run",
    "coverage": "coverage.run",
    "events": "event_readers.run",
    "page": "page.run",
    "balancers": "several_servers.run",
    "bears": "bears.run",
}
"""The function of each benchmark; its module is imported when it runs, so that it doesn't affect the others."""


def _benchmark(name: str) -> Callable[[], Any]:
    module, _, function = _BENCHMARKS[name].partition(".")
    found: Callable[[], Any] = getattr(import_module(f"tests.benchmarks.{module}"), function)
    return found


def run_all(names: tuple[str, ...]) -> figures_file.Figures:
    """Run benchmarks, and return their figures. Raises SystemExit after the last if one broke a limit."""
    figures, failures = {}, []
    for name in names:
        print(f"== {name}")
        try:
            figures[name] = _benchmark(name)() or {}
        except SystemExit as end:
            failures.append(f"{name}: {end}")
    if failures:
        raise SystemExit("\n".join(failures))
    return figures


def compare(
    names: tuple[str, ...], commit: str | None, more_apis: int, limit: float | None, minutes: float, only: str
) -> int:  # fmt: skip
    """Compare the working tree with a commit, or with itself and more APIs; return the exit code."""
    from tests.benchmarks import against
    from tests.benchmarks.comparisons import COMPARISONS

    if unknown := [name for name in names if name not in COMPARISONS]:
        raise click.UsageError(f"{unknown[0]!r} isn't compared. Allowed: {', '.join(COMPARISONS)}.")
    figures = {name: COMPARISONS[name].figures for name in names or COMPARISONS}
    chosen = [name for name, found in figures.items() if any(only in figure for figure in found)]
    if not chosen:
        allowed = ", ".join(figure for found in figures.values() for figure in found)
        raise click.UsageError(f"No figure has {only!r} in its name. Allowed: {allowed}.")
    options = against.ComparisonOptions(limit, minutes, only)
    if more_apis:
        return against.run_with_more_apis(chosen, more_apis, options)
    return against.run(chosen, ROUND_BASE if commit == "round" else commit or "", options)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME…] | chart FILE")
@click.option("--json", "kept", type=click.Path(path_type=Path), help="Write all figures to this file.")
@click.option("--compare", "earlier", type=click.Path(path_type=Path), help="Exit with 1 if a ratio fell by a tenth.")
@click.option("--against", "commit", metavar="COMMIT", help="Compare the speed with a commit; `round` is the base.")
@click.option("--more-apis", type=int, default=0, metavar="N", help="Compare with itself, with N more APIs installed.")
@click.option("--limit", type=float, help="With --against: the least ratio; 0.97, for plugin 0.90.")
@click.option("--minutes", type=float, default=10, show_default=True, help="With --against: the most minutes for each.")
@click.option("--only", default="", metavar="TEXT", help="With --against: only figures with this text.")
def main(
    names: tuple[str, ...], kept: Path | None, earlier: Path | None, commit: str | None,
    more_apis: int, **options: Any,
) -> None:  # fmt: skip
    """Run all benchmarks or those named, or draw the chart of a file of figures.

    --against exits with 0 if every speed is kept, with 1 if one has fallen, and with 3 if one is undecided.
    """
    if names[:1] == ("chart",):
        for path in map(Path, names[1:]):
            chart.write(figures_file.read(path), path.with_suffix(".svg"))
            print(chart.table(figures_file.read(path)))
        return
    if unknown := [name for name in names if name not in _BENCHMARKS]:
        raise click.UsageError(f"Unknown benchmark {unknown[0]!r}. Allowed: {', '.join(_BENCHMARKS)}, chart FILE.")
    if commit and more_apis:
        raise click.UsageError("--against and --more-apis can't be given together.")
    if commit or more_apis:
        sys.exit(compare(names, commit, more_apis, **options))
    old = figures_file.read(earlier) if earlier else {}
    figures = run_all(names or tuple(_BENCHMARKS))
    if kept:
        figures_file.write(figures, kept)
    if lines := figures_file.fallen_ratios(old, figures):
        print("\n".join(["Fallen by more than a tenth:", *lines]), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
