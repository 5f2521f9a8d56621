"""The catalogue: scenario files by name, compiled and checked against their API; a server's own limits and switches."""

from .scenarios import SUFFIXES, Catalogue, Entry, compile_scenario, load_plan, read_scenario, scenario_files

__all__ = ["SUFFIXES", "Catalogue", "Entry", "compile_scenario", "load_plan", "read_scenario", "scenario_files"]
