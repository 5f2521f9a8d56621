"""`python -m tests.benchmarks [NAME…]`: measure, side by side in one run, and print ratios. Loopback only, bounded.

`chart FILE.json` draws the figures that `--json FILE.json` kept. `NAME --against COMMIT` compares two trees: `against`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from tests.benchmarks import chart, keeping
from tests.benchmarks.trees import ROUND

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
    "fixture": "fixture.run",
    "plugin": "plugin.run",
    "check": "check.run",
    "scripts": "scripts.run",
}
"""Each is imported when it runs, so that one doesn't weigh on another."""


def _benchmark(name: str) -> Callable[[], Any]:
    module, _, function = _BENCHMARKS[name].partition(".")
    found: Callable[[], Any] = getattr(import_module(f"tests.benchmarks.{module}"), function)
    return found


def measured(names: tuple[str, ...]) -> keeping.Figures:
    """Run benchmarks; return the figures of those that have any. What breaks a limit ends with 1, after all ran."""
    figures, broken = {}, []
    for name in names:
        print(f"== {name}")
        try:
            figures[name] = _benchmark(name)() or {}
        except SystemExit as end:
            broken.append(f"{name}: {end}")
    if broken:
        raise SystemExit("\n".join(broken))
    return figures


def compared(names: tuple[str, ...], commit: str, limit: float | None, minutes: float, only: str) -> int:
    """Compare the working tree with a commit, benchmark by benchmark; return what the command ends with."""
    from tests.benchmarks import against
    from tests.benchmarks.sides import SIDES

    if unknown := [name for name in names if name not in SIDES]:
        raise click.UsageError(f"{unknown[0]!r} isn't compared --against. Allowed: {', '.join(SIDES)}.")
    figures = {name: SIDES[name].figures for name in names or SIDES}
    having = [name for name, found in figures.items() if any(only in figure for figure in found)]
    if not having:
        allowed = ", ".join(figure for found in figures.values() for figure in found)
        raise click.UsageError(f"No figure has {only!r} in its name. Allowed: {allowed}.")
    return against.run(having, ROUND if commit == "round" else commit, against.Asked(limit, minutes, only))


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME…] | chart FILE")
@click.option("--json", "kept", type=click.Path(path_type=Path), help="Write all figures there.")
@click.option("--compare", "earlier", type=click.Path(path_type=Path), help="End with 1 where a ratio fell by a tenth.")
@click.option("--against", "commit", metavar="COMMIT", help="Is the working tree as fast? `round`: the one before all.")
@click.option("--limit", type=float, help="With --against: the least share of its speed; 0.97, for plugin 0.90.")
@click.option("--minutes", type=float, default=10, show_default=True, help="With --against: the most for each.")
@click.option("--only", default="", metavar="TEXT", help="With --against: figures with this in their name.")
def main(names: tuple[str, ...], kept: Path | None, earlier: Path | None, commit: str | None, **asked: Any) -> None:
    """Run the benchmarks, all or those named, or draw the chart of kept figures.

    --against ends with 0 where every speed is kept, with 1 where one has fallen, with 3 where one is undecided.
    """
    if names[:1] == ("chart",):
        for path in map(Path, names[1:]):
            chart.write(keeping.read(path), path.with_suffix(".svg"))
            print(chart.table(keeping.read(path)))
        return
    if unknown := [name for name in names if name not in _BENCHMARKS]:
        raise click.UsageError(f"Unknown benchmark {unknown[0]!r}. Allowed: {', '.join(_BENCHMARKS)}, chart FILE.")
    if commit:
        sys.exit(compared(names, commit, **asked))
    old = keeping.read(earlier) if earlier else {}
    figures = measured(names or tuple(_BENCHMARKS))
    if kept:
        keeping.write(figures, kept)
    if lines := keeping.fallen(old, figures):
        print("\n".join(["Fallen by more than a tenth:", *lines]), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
