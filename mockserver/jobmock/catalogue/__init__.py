"""The catalogue: scenario files by name, compiled and checked against their API; a server's own limits and switches."""

from .scenarios import (
    SUFFIXES,
    Catalogue,
    Entry,
    compile_scenario,
    load_plan,
    load_scenario,
    name_or_path,
    read_scenario,
    scenario_files,
)  # fmt: skip

__all__ = [
    "SUFFIXES",
    "Catalogue",
    "Entry",
    "compile_scenario",
    "load_plan",
    "load_scenario",
    "name_or_path",
    "read_scenario",
    "scenario_files",
]
