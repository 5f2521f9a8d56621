"""Choose the cells of a run, and print its results: a table, the wrong cells, and JSON."""

from __future__ import annotations

import json
import platform
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from random import Random

import click
from tests.virtual.matrix.cells import PLACES, Impossible
from tests.virtual.matrix.runner import Cell
from tests.virtual.matrix.verdicts import Result

_LETTERS = {"exact": "·", "refused": "r", "real": "R", "silent": "S", "hanging": "H", "crashed": "C"}


def sample(chosen: list[Cell], number: int, seed: int) -> list[Cell]:
    """Return so many of the cells, each construct at most once."""
    rng = Random(seed)
    by_construct: dict[str, list[Cell]] = {}
    for cell in chosen:
        by_construct.setdefault(cell[0].name, []).append(cell)
    one_each = [rng.choice(cells) for cells in by_construct.values()]
    return rng.sample(one_each, min(number, len(one_each)))


def part(chosen: list[Cell], fraction: float, seed: int) -> list[Cell]:
    """Return a random part of the cells."""
    return chosen if fraction == 1 else Random(seed).sample(chosen, max(1, round(len(chosen) * fraction)))


class ResultTable:
    """The results of a run, printed as they come and as a table at the end."""

    def __init__(self, chosen: list[Cell]) -> None:
        self._constructs = {construct.name: construct for construct, _ in chosen}
        self._results: dict[tuple[str, str], Result] = {}

    def add(self, result: Result) -> None:
        """Add a result; a wrong one is printed at once."""
        if not result.fine:
            click.echo(f"{result.construct} @ {result.place}: {result.verdict}: {result.detail}", err=True)
        self._results[result.construct, result.place] = result

    def finish(self, to: Path | None) -> None:
        """Print all results, write them to a file, and exit with 1 if one is wrong."""
        self._table()
        wrong = [result for result in self._results.values() if not result.fine]
        for result in sorted(wrong, key=lambda one: (one.construct, one.place)):
            click.echo(f"{result.construct} @ {result.place}: {result.verdict}: {result.detail}")
        counts = Counter(result.verdict for result in self._results.values())
        summary = f"{len(self._constructs)} constructs, {len(self._results)} cells, {dict(counts)}"
        click.echo(f"Python {platform.python_version()}: {summary}; {len(wrong)} wrong")
        if to is not None:
            to.write_text(json.dumps(document(self._results.values()), indent=1, sort_keys=True) + "\n")
        sys.exit(1 if wrong else 0)

    def _table(self) -> None:
        click.echo(" ".join(place[:5].ljust(5) for place in PLACES) + "  · exact, r refused, R real; ! wrong")
        for name, construct in self._constructs.items():
            marks = [self._mark(name, place, construct.expects(place)[0]) for place in PLACES]
            click.echo(" ".join(mark.ljust(5) for mark in marks) + f"  {name}")

    def _mark(self, name: str, place: str, expected: object) -> str:
        result = self._results.get((name, place))
        if result is None:
            return "–" if isinstance(expected, Impossible) else ""
        return _LETTERS[result.verdict] + ("" if result.fine else "!")


def document(results: Iterable[Result]) -> dict[str, object]:
    """Return the results as the data that is written as JSON."""
    rows = sorted((result.data() for result in results), key=lambda row: (row["construct"], row["place"]))
    return {"python": platform.python_version(), "cells": rows}


def show_races(lost: Iterable[tuple[str, list[str]]], names: Collection[str], times: int, to: Path | None) -> None:
    """Print how often each race was lost, and how; exit with 1 if any was."""
    found = [{"race": name, "wrong": "; ".join(problems)} for name, problems in lost]
    for name in names:
        ways = Counter(one["wrong"] for one in found if one["race"] == name)
        click.echo(f"{name}: {ways.total()} of {times} wrong" + "".join(f"\n  {n} x {way}" for way, n in ways.items()))
    if to is not None:
        to.write_text(json.dumps({"races": list(names), "lost": found}, indent=1) + "\n")
    sys.exit(1 if found else 0)
