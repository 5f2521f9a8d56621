"""Finds the problems of one scenario file, whether it can be played or not."""

from __future__ import annotations

from pathlib import Path

from ..errors import Problem, ScenarioError
from .scenario_validation import check_scenario
from .scenarios import read_scenario


def problems_of_file(path: Path, name: str) -> list[Problem]:
    """Return the problems of a scenario file that has this name, errors and warnings."""
    try:
        return check_scenario(read_scenario(path, name))[1]
    except ScenarioError as error:
        return list(error.problems)
