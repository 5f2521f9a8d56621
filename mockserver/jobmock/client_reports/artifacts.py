"""The files about a client: its traffic as HAR 1.2, its picture as HTML, and the scenarios that its jobs played."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import blake2b
from pathlib import Path

from ..engine.namespace import Namespaces
from ..files import whole_file, write_file
from ..models import Scenario
from .activity import played_by

WriteTraffic = Callable[[Path], object]
"""Writes the traffic into a file, or leaves it out if there is none."""


def write(
    folder: Path, stem: str, write_traffic: WriteTraffic, picture: Callable[[], str] | None,
    played: Mapping[str, Callable[[], str]],
) -> Iterator[Path]:  # fmt: skip
    """Write the traffic, the picture and each scenario into a folder, and yield their paths, which begin with `stem`.

    `picture` returns the text of a page, and is None if there is nothing to see. `played` has a function for each
    scenario's name, which returns its YAML.
    """
    from ..scenario import schema_line

    folder.mkdir(parents=True, exist_ok=True)
    har = folder / f"{stem}.har"
    with whole_file(har) as temporary:
        write_traffic(temporary)
    if har.exists():
        yield har
    if picture is not None:
        page = folder / f"{stem}.html"
        write_file(page, picture().encode("utf-8"))
        yield page
    for name, text in played.items():
        path = folder / f"{stem}-{_file_name(name)[:60]}.yaml"
        write_file(path, (schema_line(folder) + text()).encode("utf-8"))
        yield path


def played_as_yaml(namespaces: Namespaces) -> dict[str, Callable[[], str]]:
    """Return the scenarios that jobs of all keys played, each with a function that returns its YAML."""
    return {name: partial(_yaml, scenario) for name, scenario in played_by(namespaces).items()}


def file_stem(name: str, *more: str) -> str:
    """Return the beginning of file names for a test or a run.

    It ends with a digest of the name and of what else is its own, because names may differ only in characters that a
    file name can't have.
    """
    text = "\0".join((name, *more)).encode("utf-8", "backslashreplace")
    return f"{_file_name(name)[:150]}-{blake2b(text, digest_size=3).hexdigest()}"


def _file_name(name: str) -> str:
    """Return a name without the characters that a file name can't have."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")


def _yaml(scenario: Scenario) -> str:
    from ..scenario import to_text

    return to_text(scenario)
