"""Text for a terminal: the story of each run that failed, and a table of several runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from ...coverage.reports import FORMATS as COVERAGE
from ...errors import printable
from ...reports.plain_text import columns, printable_lines
from .run_report import RunReport, summary, whole_coverage

_COLOURS = {"failed": "red", "passed": "green"}
_HEADINGS = ("Scenario", "Exit code", "Requests", "Findings", "Clock", "Real time", "Result")


def render(runs: Sequence[RunReport]) -> str:
    """Return the runs as text with colours. Of several runs, those with nothing to say are in the table only."""
    several = len(runs) != 1
    blocks = [_block(run) for run in runs if run.has_more_to_say or not several]
    if several:
        blocks.append(table(runs))
    if (coverage := whole_coverage(runs)) is not None:
        blocks.append(COVERAGE.render(coverage, "text"))
    return "\n".join(blocks)


def table(runs: Sequence[RunReport]) -> str:
    """Return a table of runs, and how many of them passed."""
    return f"{columns([_HEADINGS, *map(_cells, runs)])}{summary(runs)}\n"


def _block(run: RunReport) -> str:
    return "".join(f"{line}\n" for line in _lines(run))


def _lines(run: RunReport) -> Iterator[str]:
    result = click.style(run.outcome, fg=_COLOURS[run.outcome])
    yield f"{result} {printable(run.name)}: exit code {run.exit_code}, {run.times}. {printable_lines(run.meaning)}"
    if run.has_more_to_say and run.story:
        yield from (f"  {line}" for line in printable_lines(run.story).split("\n"))
    yield from (f"  written: {printable(path)}" for path in run.artifacts)


def _cells(run: RunReport) -> tuple[str, ...]:
    numbers = (run.exit_code, run.requests, len(list(run.findings())))
    times = f"{run.virtual_seconds:.3f} s", f"{run.real_seconds:.2f} s"
    return printable(run.name), *map(str, numbers), *times, printable(run.result)
