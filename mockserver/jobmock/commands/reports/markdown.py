"""A Markdown table of all runs, with the stories in blocks that are folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...coverage.reports import FORMATS as COVERAGE
from ...reports.markdown import code_block, details, escaped, table
from .run_report import RunReport, summary, whole_coverage

_NUMBERS = ("Exit code", "Findings", "Clock (s)", "Real (s)")
_HEADINGS = ("Result", "Scenario", *_NUMBERS)


def render(runs: Sequence[RunReport]) -> str:
    """Return the runs as Markdown. A run with nothing to say is in the table only."""
    rows = table(_HEADINGS, [_cells(run) for run in runs], numbers=_NUMBERS)
    blocks = [f"**{summary(runs)}**\n", rows, *(_details(run) for run in runs if run.has_more_to_say)]
    if (coverage := whole_coverage(runs)) is not None:
        blocks.append(COVERAGE.render(coverage, "markdown"))
    return "\n".join(blocks)


def _cells(run: RunReport) -> tuple[object, ...]:
    findings, times = len(list(run.findings())), (f"{run.virtual_seconds:.3f}", f"{run.real_seconds:.2f}")
    return run.outcome, escaped(run.name), run.exit_code, findings, *times


def _details(run: RunReport) -> str:
    return details(f"{run.name}: {run.outcome}, exit code {run.exit_code}", "\n".join(_paragraphs(run)))


def _paragraphs(run: RunReport) -> Iterator[str]:
    yield f"{escaped(run.meaning)}\n"
    yield f"Command: {escaped(run.command)}\n"
    if run.story:
        yield code_block(run.story)
    for api, verdict in run.verdicts.items():
        if verdict.not_judged:
            yield f"Not judged of {api}: {', '.join(f'`{rule}`' for rule in verdict.not_judged)}.\n"
    for path in run.artifacts:
        yield f"Written: {escaped(path)}\n"
