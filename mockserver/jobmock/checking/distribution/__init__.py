"""Checks of many files: in one process, in several processes, and on a cluster. The report is always the same."""
