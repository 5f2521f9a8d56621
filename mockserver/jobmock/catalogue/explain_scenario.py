"""Explains a scenario as text."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.progression import Plan
from ..reports.plain_text import columns
from .scenario_description import DescribedStep, described


def explain(plan: Plan) -> str:
    """Return the timeline of a scenario, ending with a newline."""
    scenario, words = plan.scenario, described(plan)
    blocks = [f"{scenario.name} ({scenario.api}): {scenario.summary}".rstrip(": ") + "\n"]
    blocks.append("From the moment the job is made:\n" + _table([_step(step) for step in words.steps]))
    if words.continuation:
        rows = [_step(step) for step in words.continuation]
        blocks.append(f"{words.continuation_title}:\n" + _table(rows))
    if words.faults:
        faults = [(one.fault.operation, one.requests, one.effects) for one in words.faults]
        blocks.append("Requests that meet a fault:\n" + _table(faults))
    if words.settings:
        blocks.append("Beside that:\n" + _table([(line,) for line in words.settings]))
    return "\n".join(blocks)


def _table(rows: Sequence[Sequence[str]]) -> str:
    return columns([("", *row) for row in rows])


def _step(step: DescribedStep) -> tuple[str, ...]:
    results = () if step.results is None else (step.results,)
    return f"{step.stage.number + 1}.", step.stage.status, step.until, *results, step.notes
