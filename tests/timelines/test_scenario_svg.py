"""The picture of a scenario shows its steps and faults, alone in a file."""

from __future__ import annotations

from typing import Any

import pytest
from tests.timelines.pictures import SVG, parsed, texts

from jobmock.catalogue import Catalogue, compile_scenario
from jobmock.catalogue.explain_scenario import explain
from jobmock.catalogue.scenario_description import described
from jobmock.scenario import from_mapping
from jobmock.timelines.scenario_svg import scenario_svg

HOSTILE = "</desc><script>alert('&\"')</script>\x1b"


def scenario(**more: Any) -> Any:
    value = {"version": 1, "api": "clado", "progression": [{"status": "pending"}], **more}
    return compile_scenario(from_mapping(value))


def test_every_bundled_scenario(catalogue: Catalogue) -> None:
    """Each scenario's picture has its name, the words of all steps and the marks of its faults, and is small."""
    for name in catalogue.names():
        plan = catalogue.plan(name)
        svg = scenario_svg(plan)
        root, words = parsed(svg), described(plan)
        shown = " ".join(texts(root))
        assert plan.name in shown
        for step in words.steps:
            assert {step.stage.status, step.until, step.results or ""} <= {*texts(root), ""}
        for fault in words.faults:
            assert f"{fault.fault.operation}, {fault.requests}:" in shown
        assert root.findtext(f"{SVG}desc") == explain(plan)
        assert len(svg) < 16_000


def test_widths_are_times(catalogue: Catalogue) -> None:
    """Among themselves, steps that count time are as wide as their times."""
    root = parsed(scenario_svg(catalogue.plan("clado/slow")))
    first, second, third = (float(bar.get("width", 0)) for bar in list(root.iter(f"{SVG}rect"))[1:4])
    assert second / first == pytest.approx(9, rel=0.01)
    assert third / first == pytest.approx(5, rel=0.01)


def test_marks_of_requests() -> None:
    """A row shows which of the first requests meet a fault, by a shape for each effect."""
    faults = [
        {"when": {"request": 2}, "respond": "rate_limited"},
        {"when": {"request": 3}, "hang": True},
        {"when": {"request": 5}, "delay": "2s"},
    ]
    root = parsed(scenario_svg(scenario(faults=faults)))
    marks = [str(path.get("class")).split()[1] for path in root.iter(f"{SVG}path") if path.get("transform")]
    assert marks == ["answered", "refused", "broken", "answered", "late", "answered", "refused", "broken", "late"]


def test_texts_stay_texts() -> None:
    """Markup and control characters in a scenario are shown, and change nothing."""
    plan = scenario(
        summary=HOSTILE, progression=[{"status": HOSTILE, "violates": ["schema"]}],
        faults=[{"when": {"request": 1}, "respond": {"status": 503, "headers": {"retry-after": "<b>&"}}}],
    )  # fmt: skip
    root = parsed(scenario_svg(plan))
    assert "<script>" in " ".join(texts(root))
    assert "\\x1b" in (root.findtext(f"{SVG}desc") or "")
    assert not list(root.iter(f"{SVG}script"))


def test_long_scenarios_are_cut() -> None:
    """A thousand steps and faults make a small picture, which says how many are left out."""
    body = {f"member_{number}" * 10: 1 for number in range(8)}
    step = {"status": "pending", "after": {"polls": 1}, "body": body}
    fault = {"when": {"request": 1}, "hang": True}
    plan = scenario(
        summary="words " * 33, progression=[{**step, "violates": ["schema"]}] * 999 + [{"status": "completed"}],
        faults=[fault] * 1000,
    )  # fmt: skip
    svg = scenario_svg(plan)
    assert "… and 960 more steps" in texts(parsed(svg))
    assert "… and 960 more faults" in texts(parsed(svg))
    assert len(svg) < 100_000
