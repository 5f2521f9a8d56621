"""`python -m tests.mutants [FILE…]`: plant each mutant in a copy, run the tests there, and print which are detected."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from tests.mutants.planting import ROOT, Copy, Mutant, load_mutants


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--tree", type=click.Path(exists=True, path_type=Path), default=ROOT, help="The checkout to test.")
@click.option("--near", is_flag=True, help="Run only the tests named after the file or its folder.")
def main(files: tuple[str, ...], tree: Path, near: bool) -> None:
    """Run the tests of a checkout with each mutant, or with the mutants of the named files."""
    chosen = [mutant for mutant in load_mutants() if not files or mutant.file in files]
    detected = 0
    with TemporaryDirectory() as place:
        copy = Copy(tree, Path(place, "copy"))
        for mutant in chosen:
            began = time.monotonic()
            by = _detected_by(copy, mutant, near)
            detected += by is not None
            click.echo(f"{by or 'MISSED':7} {time.monotonic() - began:5.0f} s  {mutant.file}: {mutant.why}")
    click.echo(f"{detected} of {len(chosen)} mutants were detected.")
    sys.exit(detected < len(chosen))


def _detected_by(copy: Copy, mutant: Mutant, near: bool) -> str | None:
    """Return which tests detect a mutant, `near` or `rest`; None if none does."""
    tests = copy.near(mutant)
    with copy.planting(mutant):
        if tests and not copy.passes(tests):
            return "near"
        return None if near or copy.passes(["tests"], but=tests) else "rest"


if __name__ == "__main__":
    main()
