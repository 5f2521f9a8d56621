"""Sample runs for the tests of reports: each way in which a run ends."""

from __future__ import annotations

from typing import Any

from jobmock.commands.reports.run_report import RunReport
from jobmock.etiquette import Finding, Verdict

STORY = """clado: clado/slow; 183 requests in 900 s
    1     +0.000 s  POST /api/search/deep_research → 200 pending
  … 181 requests left out …
  183   +900.000 s  GET /api/search/deep_research/3f2a…  → step 4: 200 completed
  ! polled-after-end (error): The job had ended at request 182. Stop at a status that ends a job."""
NOTHING = Verdict(findings=(), not_judged={})


def finding(rule: str = "polled-after-end", **more: Any) -> Finding:
    """Return a finding of severity error."""
    given = {
        "severity": "error", "job": "3f2a", "exchanges": (182, 183), "evidence": "The job had ended at request 182",
        "remedy": "Stop at a status that ends a job.",
    }  # fmt: skip
    return Finding(rule=rule, **{**given, **more})


def sample_run(**more: Any) -> RunReport:
    """Return a run that passed."""
    given = {
        "scenarios": ("clado/slow", "orbit/usual"), "command": "node client.mjs", "exit_code": 0,
        "meaning": "The command ended with 0.", "result": "passed", "requests": 183,
        "virtual_seconds": 900.0, "real_seconds": 1.2345,
        "verdicts": {"clado": NOTHING, "orbit": NOTHING}, "story": STORY,
    }  # fmt: skip
    return RunReport(**{**given, **more})


def runs() -> list[RunReport]:
    """Return a run that passed, one with a warning, one with an error, and one that failed without a finding."""
    not_judged = {"wrong-count": "It needs the value that the client's call returned."}
    warned = Verdict(findings=(finding("no-back-off", severity="warning", job=None),), not_judged=not_judged)
    wrong = Verdict(findings=(finding("twice", severity="warning"), finding()), not_judged=not_judged)
    return [
        sample_run(),
        sample_run(scenarios=("clado/busy",), verdicts={"clado": warned}),
        sample_run(scenarios=("clado/two-pages",), exit_code=1, result="polled-after-end",
            meaning="The command ended with 0, and broke a rule.",
            verdicts={"clado": NOTHING, "orbit": wrong}, artifacts=("out/run-2.har", "out/run-2.yaml")),
        sample_run(scenarios=(), exit_code=124, result="timeout", requests=0,
            meaning="The command ran for longer than --timeout.", story=""),
    ]  # fmt: skip
