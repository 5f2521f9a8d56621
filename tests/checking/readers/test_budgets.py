"""No input takes memory or time away: what a reader needs grows at most in proportion to the input."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from tests.checking.readers.hostile_inputs import READERS, MiB, contents, read, steps

SMALL, LARGE = 2_000, 8_000
THIRTY_KILOBYTES = 30_000


@pytest.mark.parametrize("name", READERS)
def test_memory(name: str, tmp_path: Path) -> None:
    """A file of 30 kB in any shape takes at most 30 times its size and 50 MB. `campaigns readers` tries 10 MB."""
    reader = READERS[name]
    path = tmp_path / f"a{reader.suffix}"
    read(reader, path)  # imports what is imported late
    for shape, text in contents(reader, THIRTY_KILOBYTES).items():
        path.write_text(text)
        tracemalloc.start()
        try:
            read(reader, path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak <= 30 * len(text) + 50 * MiB, f"{shape}: {peak / MiB:.0f} MiB"


@pytest.mark.parametrize("name", READERS)
def test_steps(name: str, tmp_path: Path) -> None:
    """Four times the input takes at most about four times the steps, in any shape; sixteen times would be a square."""
    reader = READERS[name]
    path = tmp_path / f"a{reader.suffix}"
    small, large = contents(reader, SMALL), contents(reader, LARGE)
    for shape, text in large.items():
        counts = []
        for content in (text, small[shape], text):  # the first time fills caches
            path.write_text(content)
            counts.append(steps(lambda: read(reader, path)))
        assert counts[2] <= 6 * counts[1] + 5_000, f"{shape}: {counts[1]} and {counts[2]} steps"
