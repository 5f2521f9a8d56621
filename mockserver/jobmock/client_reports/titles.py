"""What a story calls the scenarios that a client's jobs played."""

from __future__ import annotations

from pathlib import Path

from ..models import Scenario


def title(name: str) -> str:
    """Return what a story calls a scenario. One that the test gave as a mapping has no name of its own."""
    return "a scenario given in the test" if name == "scenario" else name


def scenario_title(scenario: Scenario) -> str:
    """Return the title of a scenario; the name of its file, if it was given as a path."""
    file = Path(scenario.origin.source)
    return file.name if file.stem == scenario.name else title(scenario.name)
