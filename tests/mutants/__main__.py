"""`python -m tests.mutants [FILE…]`: plants each bug in a copy, runs the tests there, and tells which were seen."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from tests.mutants.planting import ROOT, Copy, Mutant, planted


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--tree", type=click.Path(exists=True, path_type=Path), default=ROOT, help="The checkout to look at.")
@click.option("--near", is_flag=True, help="Run only the tests that are named after the file or its folder.")
def main(files: tuple[str, ...], tree: Path, near: bool) -> None:
    """Score the tests of a checkout, with every planted bug or with those of the files that are named."""
    chosen = [mutant for mutant in planted() if not files or mutant.file in files]
    seen = 0
    with TemporaryDirectory() as place:
        copy = Copy(tree, Path(place, "copy"))
        for mutant in chosen:
            began = time.monotonic()
            by = _seen_by(copy, mutant, near)
            seen += by is not None
            click.echo(f"{by or 'UNSEEN':7} {time.monotonic() - began:5.0f} s  {mutant.file}: {mutant.why}")
    click.echo(f"{seen} of {len(chosen)} planted bugs were seen.")
    sys.exit(seen < len(chosen))


def _seen_by(copy: Copy, mutant: Mutant, near: bool) -> str | None:
    """Return which tests saw a bug, the near ones or the rest; None if none did."""
    tests = copy.near(mutant)
    with copy.planting(mutant):
        if tests and not copy.passes(tests):
            return "near"
        return None if near or copy.passes(["tests"], but=tests) else "rest"


if __name__ == "__main__":
    main()
