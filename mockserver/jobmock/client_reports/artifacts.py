"""The files about a client: its traffic as HAR 1.2, and the scenarios that its jobs played."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path

from ..files import whole_file, write_file

WriteTraffic = Callable[[Path], object]
"""Writes the traffic into a file, or leaves it out if there is none."""


def write(
    folder: Path, stem: str, write_traffic: WriteTraffic, played: Mapping[str, Callable[[], str]]
) -> Iterator[Path]:
    """Write the traffic and each scenario into a folder, and yield their paths, whose names begin with `stem`.

    `played` has a function for each scenario's name, which returns its YAML.
    """
    from ..scenario import schema_line

    folder.mkdir(parents=True, exist_ok=True)
    har = folder / f"{stem}.har"
    with whole_file(har) as temporary:
        write_traffic(temporary)
    if har.exists():
        yield har
    for name, text in played.items():
        path = folder / f"{stem}-{_file_name(name)[:60]}.yaml"
        write_file(path, (schema_line(folder) + text()).encode("utf-8"))
        yield path


def file_stem(name: str) -> str:
    """Return the beginning of file names for a test or a run.

    It ends with a digest, which separates names that differ only in characters that a file name can't have.
    """
    return f"{_file_name(name)[:150]}-{blake2b(name.encode(), digest_size=3).hexdigest()}"


def _file_name(name: str) -> str:
    """Return a name without the characters that a file name can't have."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")
