"""The scenarios as JSON, with the errors of files that are broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...catalogue import Catalogue
from ...errors import Problem
from .long_calls import LongCall


def listed(catalogue: Catalogue) -> LongCall:
    """Return every scenario with the errors of its file. One without an API can't be played."""
    broken = dict(catalogue.problems)
    return LongCall(lambda: _rows(catalogue, broken))


def errors_of(problems: tuple[Problem, ...]) -> list[dict[str, str]]:
    """Return problems as JSON, with their places."""
    return [{"where": problem.where, "detail": problem.message} for problem in problems]


def _rows(catalogue: Catalogue, broken: dict[Path, tuple[Problem, ...]]) -> list[dict[str, Any]]:
    errors = {str(path): errors_of(problems) for path, problems in broken.items()}
    rows: list[dict[str, Any]] = [
        {**entry.row(), "errors": errors.get(entry.source, [])} for entry in catalogue.entries()
    ]
    played = {row["source"] for row in rows}
    rows += [
        {"name": catalogue.name_of(Path(path)), "api": None, "summary": None, "source": path, "errors": found}
        for path, found in errors.items() if path not in played
    ]  # fmt: skip
    return sorted(rows, key=lambda row: str(row["name"]))
