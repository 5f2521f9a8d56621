"""axe-core finds nothing serious on the page, in light and dark, on a phone and on a desk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Open
from tests.page.watched import Watched

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect

SIZES = {"phone": (400, 800), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core."""
    path = Path(os.environ.get("JOBMOCK_NODE_MODULES", "node_modules"), "axe-core", "axe.min.js")
    if not path.exists():
        pytest.skip(f"axe-core isn't in {path.parent.parent}, and JOBMOCK_NODE_MODULES names no other folder")
    return path.read_text("utf-8")


def problems(shown: Watched, axe: str) -> list[Any]:
    """Return what axe-core finds serious or critical: the rule, and the elements."""
    shown.page.evaluate(f"{axe}; undefined")
    found = shown.page.evaluate("async () => (await axe.run()).violations")
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], node["html"][:120], node["failureSummary"]) for one in serious for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_serious(caller: Caller, open_page: Open, server: str, axe: str, size: str, scheme: str) -> None:
    """Neither with marks, findings and an opened row, nor in the list of scenarios, nor beside an error in YAML."""
    caller.refused_once()
    width, height = SIZES[size]
    options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    shown = open_page(server, caller.namespace, reduced_motion="reduce", **options)
    expect(shown.page.locator("#finding-list li").first).to_be_visible()
    shown.mark(9).click()
    shown.page.locator("#finding-list button").first.click()
    assert problems(shown, axe) == []
    shown.button("Scenarios").click()
    shown.page.locator("li[data-scenario='clado/two-pages'] button").click()
    expect(shown.page.get_by_role("img", name="Timeline of")).to_be_visible()
    assert problems(shown, axe) == []
    shown.button("Paste YAML").click()
    shown.page.get_by_role("textbox", name="YAML of a scenario").fill("version: 1\\napi: clado\\nx: 7\\n")
    expect(shown.page.locator("#yaml-errors button").first).to_be_visible()
    assert problems(shown, axe) == []


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wider_than_the_window(caller: Caller, open_page: Open, server: str, size: str) -> None:
    """The page as a whole never scrolls sideways."""
    caller.refused_once()
    width, height = SIZES[size]
    shown = open_page(server, caller.namespace, viewport={"width": width, "height": height})
    expect(shown.mark(9)).to_be_visible()
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
