"""The files that a failed test writes: its traffic as HAR 1.2, and the scenarios that it played."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from jobmock.files import whole_file, write_file

if TYPE_CHECKING:
    from ..mocks.mock import Mock


def write(folder: Path, nodeid: str, mocks: Sequence[Mock]) -> Iterator[Path]:
    """Write the files of a test's mocks into a folder, and yield their paths.

    A digest in each name separates tests whose ids differ only in characters that a file name can't have.
    """
    from jobmock.scenario import schema_line

    folder.mkdir(parents=True, exist_ok=True)
    for mock in mocks:
        stem = f"{_file_name(nodeid)[:150]}-{blake2b(nodeid.encode(), digest_size=3).hexdigest()}-{mock.api}"
        har = folder / f"{stem}.har"
        with whole_file(har) as temporary:
            mock.write_traffic(temporary)
        if har.exists():
            yield har
        for name, text in mock.played().items():
            path = folder / f"{stem}-{_file_name(name)[:60]}.yaml"
            write_file(path, (schema_line(folder) + text()).encode("utf-8"))
            yield path


def _file_name(name: str) -> str:
    """Return a name without the characters that a file name can't have."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")
