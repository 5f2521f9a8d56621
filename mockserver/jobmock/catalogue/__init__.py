"""The catalogue: scenario files by name, compiled and held against their API; a server's own limits and switches."""

from .scenarios import SUFFIXES, Catalogue, Entry, compiled, load, placed, scenario_files

__all__ = ["SUFFIXES", "Catalogue", "Entry", "compiled", "load", "placed", "scenario_files"]
