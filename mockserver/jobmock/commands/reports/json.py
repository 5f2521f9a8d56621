"""JSON, for programs: everything about every run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...etiquette import Finding
from ...reports.json import to_json
from ...version import __version__
from .run_report import RunReport, whole_coverage

VERSION = 1
"""The version of the fields. It changes when one is removed or means something else."""


def render(runs: Sequence[RunReport]) -> str:
    """Return the runs as one JSON object."""
    coverage = whole_coverage(runs)
    more = {} if coverage is None else {"coverage": coverage.to_json()}
    return to_json({"version": VERSION, "jobmock": __version__, "runs": [_run(run) for run in runs], **more})


def _run(run: RunReport) -> dict[str, Any]:
    return {
        "scenarios": run.scenarios, "command": run.command,
        "exit_code": run.exit_code, "meaning": run.meaning,
        "requests": run.requests,
        "virtual_seconds": round(run.virtual_seconds, 9), "real_seconds": round(run.real_seconds, 3),
        "findings": [_finding(api, finding) for api, finding in run.findings()],
        "not_judged": {api: verdict.not_judged for api, verdict in run.verdicts.items()},
        "story": run.story, "artifacts": run.artifacts,
    }  # fmt: skip


def _finding(api: str, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule, "severity": finding.severity, "api": api, "job": finding.job,
        "exchanges": finding.exchanges, "evidence": finding.evidence, "remedy": finding.remedy,
    }  # fmt: skip
