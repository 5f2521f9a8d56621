"""`python -m tests.campaigns [NAME…]`: long, seeded test runs for rare failures, on loopback only.

A campaign is a module of this folder with a function `run(fraction, seed)` that returns the number of failures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click

Campaign = Callable[[float, int], int]


def campaigns() -> dict[str, Campaign]:
    """Return all campaigns by name: the module's name with dashes."""
    found = {}
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name != "__main__":
            run = getattr(import_module(f"tests.campaigns.{module.name}"), "run", None)
            if run is not None:
                found[module.name.replace("_", "-")] = run
    return found


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--fraction", type=click.FloatRange(0, 1, min_open=True), default=1.0, help="How much of each to run.")
@click.option("--seed", type=int, default=0, help="The seed of all random choices.")
def main(names: tuple[str, ...], fraction: float, seed: int) -> None:
    """Run all campaigns or those named; exit with 1 on any failure."""
    known = campaigns()
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"Unknown campaign {unknown[0]!r}. Allowed: {', '.join(known)}.")
    failures = [known[name](fraction, seed) for name in names or known]
    sys.exit(1 if any(failures) else 0)


if __name__ == "__main__":
    main()
