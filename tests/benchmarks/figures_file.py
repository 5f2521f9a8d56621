"""The file of figures: write it, read it, and compare it with that of an earlier run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

LARGEST_FALL = 0.10
Figures = dict[str, Any]
"""Benchmark → its figures. The figures under `ratios` are shares of a base; higher is better."""


def write(figures: Figures, path: Path) -> None:
    """Write the figures, as JSON."""
    path.write_text(json.dumps(figures, indent=1, default=str) + "\n", encoding="utf-8")


def read(path: Path) -> Figures:
    """Read figures. Raises click.UsageError if the file has none."""
    try:
        figures: Figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{str(path)!r} holds no figures: {error}. Such a file is made by --json.") from error
    return figures


def fallen_ratios(old: Figures, new: Figures) -> list[str]:
    """Return a line for each ratio in both runs that fell by more than a tenth."""
    lines = []
    for benchmark, figures in new.items():
        before = old.get(benchmark, {}).get("ratios", {})
        for name, ratio in figures.get("ratios", {}).items():
            if name in before and ratio < before[name] * (1 - LARGEST_FALL):
                lines.append(f"{benchmark}: {name}: {before[name]:.2f} before, {ratio:.2f} now")
    return lines
