"""What a failed test leaves behind: its traffic as HAR 1.2, and the scenarios that it played."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mock import Mock


def write(folder: Path, nodeid: str, mocks: Sequence[Mock]) -> Iterator[Path]:
    """Write the artifacts of a test's mocks into a folder, and yield their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for mock in mocks:
        stem = f"{_safe(nodeid)[:150]}-{blake2b(nodeid.encode(), digest_size=3).hexdigest()}-{mock.api}"
        har = folder / f"{stem}.har"
        mock.write_traffic(har)
        if har.exists():
            yield har
        for name, text in mock.played().items():
            path = folder / f"{stem}-{_safe(name)[:60]}.yaml"
            path.write_text(text(), encoding="utf-8")
            yield path


def _safe(name: str) -> str:
    """Return a name as a file may have it; two test ids that differ in signs alone are told apart by a digest."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")
