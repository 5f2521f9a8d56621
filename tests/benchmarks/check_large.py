"""`jobmock check` on a long recording that is compressed: memory and processor time, beside a tenth of it.

`python -m tests.benchmarks.check_large --exchanges 1000000` takes another length. It needs about 100 bytes on the disk
for each exchange.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import click
from tests.benchmarks.check import exchanges
from tests.benchmarks.check_jobs import Cost, checks_at_once

from jobmock.checking.exchange import to_line

EXCHANGES = 50_000
MOST_DIFFERENCE = 0.1
"""How much the memory may differ between a tenth and the whole, and the time for each exchange."""
_PEOPLE = 2


def _cost(path: Path, count: int) -> Cost:
    """Write a recording of so many exchanges, and check it."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for exchange in exchanges(count, people=_PEOPLE):
            file.write(to_line(exchange))
    size = path.stat().st_size / 2**20
    cost = checks_at_once([path, "--jobs", 1])
    path.unlink()
    took = f"{cost.seconds:6.1f} s, {cost.processor / count * 1e6:.0f} µs of the processor each"
    print(f"{count:>9,} exchanges, {size:5.0f} MiB: {took}, peak {cost.peak:.1f} MiB", flush=True)
    return cost


def run(count: int = EXCHANGES) -> dict[str, float]:
    """Print and return the ratios. Raises SystemExit if the memory isn't flat."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.jsonl.gz"
        tenth, whole = _cost(path, count // 10), _cost(path, count)
    memory, each = whole.peak / tenth.peak, whole.processor / tenth.processor / 10
    print(f"the whole, a tenth = 1: memory {memory:.3f}, time for each exchange {each:.3f}")
    if abs(memory - 1) > MOST_DIFFERENCE:
        raise SystemExit("Memory grows with the recording.")
    return {"memory": memory, "time for each exchange": each}


@click.command()
@click.option("--exchanges", "count", default=EXCHANGES, show_default=True)
def main(count: int) -> None:
    """Check a recording of so many exchanges, and a tenth of it."""
    run(count)


if __name__ == "__main__":
    main()
