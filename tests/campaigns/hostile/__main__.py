"""`python -m tests.campaigns.hostile --seed 7 --attack 31`: repeats one attack of a seed on a new server."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from tests.campaigns.hostile.attacked_server import ATTACKS, attacked


@click.command()
@click.option("--seed", type=int, default=0, help="The seed of the campaign.")
@click.option("--attack", "numbers", type=int, multiple=True, required=True, help="Its number; may be given again.")
def main(seed: int, numbers: tuple[int, ...]) -> None:
    """Repeat attacks, and print what must not be; exit with 1 if there is anything."""
    found = False
    with TemporaryDirectory() as folder, attacked(Path(folder)) as server:
        for number in numbers:
            wrong = server.attack(seed, number)
            found = found or bool(wrong)
            name = ATTACKS[number % len(ATTACKS)].name
            print(f"{number} {name}: {'; '.join(wrong) or 'all held'}; {server.holds[number] * 1000:.1f} ms")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
