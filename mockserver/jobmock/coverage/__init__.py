"""Contract coverage: which answers, faults, pages, waits, switches and endings of each API a client has met."""

from .cells import Cell, cells_of
from .counting import CoverageCounter, cells_met, counter_of, coverage_of
from .coverage import NOTHING_MET, Coverage, Share

__all__ = [
    "NOTHING_MET", "Cell", "Coverage", "CoverageCounter", "Share", "cells_met", "cells_of", "counter_of", "coverage_of",
]  # fmt: skip
