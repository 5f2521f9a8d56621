"""GitHub's annotations: one for each run that failed, and one for each finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...reports.github import annotation
from .run_report import RunReport


def render(runs: Sequence[RunReport]) -> str:
    """Return the annotations of all runs."""
    return "".join(line for run in runs for line in _lines(run))


def _lines(run: RunReport) -> Iterator[str]:
    if run.failed:
        yield annotation("error", run.meaning, title=f"{run.name}: exit code {run.exit_code}")
    for api, finding in run.findings():
        message = f"{api}: {finding.evidence}. {finding.remedy}"
        yield annotation(finding.severity, message, title=f"{run.name}: {finding.rule}")
