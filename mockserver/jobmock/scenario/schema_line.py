"""The comment of a scenario file by which editors find the schema."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_NAME = "scenario.schema.json"
_PLACES = (Path(_NAME), Path("schemas") / _NAME)


def schema_line(folder: Path) -> str:
    """Return the first line of a scenario file in a folder: a comment that names the schema by its relative path.

    The schema is `scenario.schema.json` or `schemas/scenario.schema.json`, in the folder itself or in one above it, up
    to the root of its repository. Without such a file, or where its path has a blank, the line is empty.
    """
    for above in _folders_above(folder.absolute()):
        for place in _PLACES:
            if (above / place).is_file():
                path = Path(os.path.relpath(above / place, folder.absolute())).as_posix()
                return "" if any(map(str.isspace, path)) else f"# yaml-language-server: $schema={path}\n"
    return ""


def _folders_above(folder: Path) -> Iterator[Path]:
    """Yield a folder and those above it, up to the one that holds `.git`."""
    for above in (folder, *folder.parents):
        yield above
        if (above / ".git").exists():
            return
