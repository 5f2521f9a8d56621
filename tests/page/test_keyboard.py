"""Everything on the page can be done with the keyboard alone."""

from __future__ import annotations

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Open
from tests.page.watched import Watched

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect

MOST_STOPS = 150


def tab_to(shown: Watched, selector: str) -> None:
    """Press Tab until the focus is on an element."""
    for _ in range(MOST_STOPS):
        shown.page.keyboard.press("Tab")
        if shown.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab doesn't reach {selector!r}.")


def test_clock_marks_rows_and_findings(caller: Caller, open_page: Open, server: str) -> None:
    """Tab, arrows and Enter advance the clock, go from mark to mark, open a row, and highlight a finding."""
    caller.refused_once()
    shown = open_page(server, caller.namespace)
    press = shown.page.keyboard.press
    expect(shown.mark(9)).to_be_visible()
    tab_to(shown, "#clock [data-seconds='10']")
    press("Enter")
    expect(shown.page.locator("#clock-elapsed")).to_contain_text("0:50")
    tab_to(shown, ".mark")
    press("Home")
    first = shown.page.evaluate("document.activeElement.dataset.exchange")
    press("ArrowRight")
    second = shown.page.evaluate("document.activeElement.dataset.exchange")
    assert int(second) > int(first)
    press("Enter")
    row = shown.row(int(second)).get_by_role("button").first
    expect(row).to_be_focused()
    expect(row).to_have_attribute("aria-expanded", "true")
    press("ArrowDown")
    expect(shown.row(int(second) + 1).get_by_role("button").first).to_be_focused()
    tab_to(shown, "#finding-list button")
    press("Enter")
    expect(shown.page.locator("tr[data-highlighted]").first).to_be_visible()


def test_scenarios(caller: Caller, open_page: Open, server: str) -> None:
    """A scenario is chosen and played, and the dialog is closed, by keys; then the focus is where it was before."""
    caller.start()
    shown = open_page(server, caller.namespace)
    press = shown.page.keyboard.press
    tab_to(shown, "#open-scenarios")
    press("Enter")
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    expect(dialog).to_be_visible()
    tab_to(shown, "#scenario-search")
    shown.page.keyboard.type("clado/slow")
    tab_to(shown, "li[data-scenario='clado/slow'] button")
    press("Enter")
    expect(dialog.get_by_role("button", name="Play in this namespace")).to_be_enabled()
    tab_to(shown, "#scenario-details button")
    press("Enter")
    expect(shown.page.locator("#notice")).to_have_text("Jobs now play clado/slow.")
    press("Escape")
    expect(dialog).to_be_hidden()
    expect(shown.button("Scenarios")).to_be_focused()


def test_the_focus_can_be_seen(caller: Caller, open_page: Open, server: str) -> None:
    """Each element that Tab reaches has an outline as long as it has the focus."""
    caller.refused_once()
    shown = open_page(server, caller.namespace)
    expect(shown.mark(9)).to_be_visible()
    unseen = shown.page.evaluate("""() => {
        const all = [...document.querySelectorAll("a[href], button, input, select, [tabindex='0']")];
        const shown = all.filter((one) => one.checkVisibility() && !one.disabled);
        return shown.filter((one) => {
            one.focus({focusVisible: true});
            const {outlineStyle, outlineWidth} = getComputedStyle(one);
            return document.activeElement === one && (outlineStyle === "none" || parseFloat(outlineWidth) < 1);
        }).map((one) => one.outerHTML.slice(0, 100));
    }""")
    assert unseen == []
