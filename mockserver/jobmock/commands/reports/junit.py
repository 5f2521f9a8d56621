"""JUnit's XML: a case for each run."""

from __future__ import annotations

from collections.abc import Sequence

from ...reports.junit import Case, Failure, to_xml
from .run_report import RunReport

_NAME = "jobmock run"
_NO_RULE = "exit-code"


def render(runs: Sequence[RunReport]) -> str:
    """Return the runs as XML. A run whose exit code isn't 0 is a failure."""
    return to_xml(_NAME, {_NAME: [_case(run) for run in runs]})


def _case(run: RunReport) -> Case:
    written = [f"Written: {path}" for path in run.artifacts]
    lines = [f"Command: {run.command}", f"Exit code {run.exit_code}, {run.times}. {run.meaning}", *written]
    failure: Failure | None = None
    if run.failed:
        broken = (finding.rule for _, finding in run.findings() if finding.severity == "error")
        failure = Failure(next(broken, _NO_RULE), run.meaning, run.story or run.meaning)
    elif run.has_more_to_say:
        lines.append(run.story)
    return Case(group=_NAME, name=run.name, seconds=run.real_seconds, failure=failure, output="\n".join(lines))
