"""What a failed test leaves behind: its traffic as HAR 1.2, and the scenarios that it played."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mock import Mock


def write(folder: Path, nodeid: str, mocks: Sequence[Mock]) -> Iterator[Path]:
    """Write the artifacts of a test's mocks into a folder, and yield their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for mock in mocks:
        stem = re.sub(r"[^\w.-]+", "-", f"{nodeid}-{mock.api}").strip("-")[:150]
        har = folder / f"{stem}.har"
        mock.write_traffic(har)
        yield har
        for name, text in mock.played().items():
            path = folder / f"{stem}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.yaml"
            path.write_text(text(), encoding="utf-8")
            yield path
