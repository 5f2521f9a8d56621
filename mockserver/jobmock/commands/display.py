"""What is printed about runs of a command: the output of runs at once, the verdict on each, a table of several."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Sequence

import click

from .command_run import CommandRun
from .planning import PlannedRun
from .reports import text


class RunDisplay:
    """Prints each run to stderr, and what the command wrote to the stream that it wrote to.

    Of several runs, only those that failed have a verdict. If a report in text goes to stderr, it has the verdicts and
    the table, so this prints neither.
    """

    def __init__(self, number: int, jobs: int, *, has_report: bool = False) -> None:
        self._number, self._at_once, self._has_report = number, jobs > 1, has_report
        self._lock, self._noted = threading.Lock(), set[str]()

    def notes(self, sentences: Iterable[str]) -> None:
        """Print what must be said about all runs, each sentence once."""
        with self._lock:
            for sentence in sentences:
                if sentence not in self._noted:
                    click.echo(sentence, err=True)
                    self._noted.add(sentence)

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
            if run.own_error:
                click.echo(f"jobmock: {run.own_error}", err=True)
            if self._has_report:
                return
            for note in run.notes:
                click.echo(note, err=True)
            if run.story and (self._number == 1 or run.exit_code or run.findings):
                click.echo(run.story, err=True)

    def all_ended(self, runs: Sequence[CommandRun]) -> None:
        """Print a table of several runs."""
        if self._number > 1 and not self._has_report:
            click.echo(text.table([run.report() for run in runs]), err=True, nl=False)

    def _print_name(self, number: int, name: str) -> None:
        if self._number > 1:
            click.echo(f"Run {number} of {self._number}: {name}", err=True)
