"""No input takes memory or time away: what a reader needs grows at most in proportion to the input."""

from __future__ import annotations

import tracemalloc
from itertools import product
from pathlib import Path

import pytest
from tests.checking.readers.hostile_inputs import READERS, TEXTS, VALUES, MiB, content, read, steps
from tests.support import part

SMALL, LARGE = 2_000, 8_000
THIRTY_KILOBYTES = 30_000
ROWS = part(product(READERS, (*VALUES, *TEXTS)), 5)


@pytest.mark.parametrize(("name", "shape"), ROWS)
def test_memory(name: str, shape: str, tmp_path: Path) -> None:
    """A file of 30 kB in any shape takes at most 30 times its size and 50 MB. `campaigns readers` tries 10 MB."""
    reader = READERS[name]
    path, text = tmp_path / f"a{reader.suffix}", content(reader, shape, THIRTY_KILOBYTES)
    read(reader, path)  # imports what is imported late
    path.write_text(text)
    tracemalloc.start()
    try:
        read(reader, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 30 * len(text) + 50 * MiB, f"{peak / MiB:.0f} MiB"


@pytest.mark.parametrize(("name", "shape"), ROWS)
def test_steps(name: str, shape: str, tmp_path: Path) -> None:
    """Four times the input takes at most about four times the steps, in any shape; sixteen times would be a square."""
    reader, counts = READERS[name], list[int]()
    path = tmp_path / f"a{reader.suffix}"
    for size in (LARGE, SMALL, LARGE):  # the first time fills caches
        path.write_text(content(reader, shape, size))
        counts.append(steps(lambda: read(reader, path)))
    assert counts[2] <= 6 * counts[1] + 5_000, f"{counts[1]} and {counts[2]} steps"
