"""What is printed about runs of a command: the output of runs at once, the verdict on each, a table of several."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

import click

from ..reports.plain_text import columns
from .command_run import CommandRun
from .planning import PlannedRun

_HEADINGS = ("Scenario", "Exit code", "Requests", "Clock", "Result")


class RunDisplay:
    """Prints each run to stderr, and what the command wrote to the stream that it wrote to.

    Of several runs, only those that failed have a verdict.
    """

    def __init__(self, number: int, jobs: int) -> None:
        self._number, self._at_once, self._lock = number, jobs > 1, threading.Lock()

    def begins(self, number: int, planned: PlannedRun) -> None:
        """Print the name of one of several runs, before its output."""
        if not self._at_once:
            self._print_name(number, planned.name)

    def ends(self, number: int, run: CommandRun, output: tuple[bytes, bytes]) -> None:
        """Print what a run has written, and its verdict."""
        with self._lock:
            if self._at_once:
                self._print_name(number, run.name)
            for stream, content in zip((sys.stdout, sys.stderr), output, strict=True):
                click.echo(content, file=stream, nl=False)
            for note in run.notes:
                click.echo(note, err=True)
            if run.story and (self._number == 1 or run.exit_code or run.findings):
                click.echo(run.story, err=True)

    def _print_name(self, number: int, name: str) -> None:
        if self._number > 1:
            click.echo(f"Run {number} of {self._number}: {name}", err=True)


def table(runs: Sequence[CommandRun]) -> str:
    """Return a table of runs, and how many of them passed."""
    rows = [_HEADINGS, *(_cells(run) for run in runs)]
    passed = sum(not run.exit_code for run in runs)
    failed = f", {len(runs) - passed} failed" if passed < len(runs) else ""
    return f"{columns(rows)}{len(runs)} run{'s' * (len(runs) != 1)}: {passed} passed{failed}.\n"


def _cells(run: CommandRun) -> tuple[str, ...]:
    return run.name, str(run.exit_code), str(run.requests), f"{run.clock_seconds:g} s", run.result
