"""A finding on the page shows its evidence: marks and rows."""

from __future__ import annotations

import re

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Call, Open
from tests.support import JOBS

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect


def test_a_finding_highlights_its_marks_and_rows(caller: Caller, open_page: Open, server: str) -> None:
    """A click on a finding highlights the marks and rows of its requests alone; another click ends that."""
    caller.refused_once()
    found = caller.control("GET", "findings")["findings"]
    number = next(index for index, one in enumerate(found) if one["rule"] == "retry-after-ignored")
    shown = open_page(server, caller.namespace)
    finding = shown.page.locator(f"li[data-finding='{number}']")
    expect(finding).to_have_attribute("data-rule", "retry-after-ignored")
    expect(finding).to_contain_text(found[number]["remedy"])
    expect(finding).to_contain_text(found[number]["evidence"])
    finding.get_by_role("button").first.click()
    highlighted = shown.page.locator("[data-highlighted]")
    rows, marks = (shown.page.locator(f"{kind}[data-highlighted]") for kind in ("tr", ".mark"))
    expect(rows.first).to_be_visible()
    expect(marks.first).to_be_visible()
    of_rows = rows.evaluate_all("all => all.map((one) => Number(one.dataset.exchange))")
    assert set(of_rows) <= set(found[number]["exchanges"]) and of_rows
    finding.get_by_role("button").first.click()
    expect(highlighted).to_have_count(0)


def test_findings_come_while_the_page_is_open(caller: Caller, open_page: Open, server: str) -> None:
    """A rule that is broken now is found without a reload, and the list of namespaces counts it."""
    job = caller.start()
    shown = open_page(server, caller.namespace)
    expect(shown.page.locator("#findings-empty")).to_be_visible()
    caller.poll(job, params={"key": caller.key})
    expect(shown.page.locator("li[data-rule='key-in-url']")).to_be_visible()
    link = shown.page.get_by_role("navigation", name="Namespaces").get_by_role("link", name=caller.namespace)
    expect(link).to_contain_text("1 finding")
    assert caller.key not in shown.page.content()


def test_the_list_counts_findings_of_namespaces_that_arent_shown(call: Call, open_page: Open, server: str) -> None:
    """Each namespace of the list is judged, also that of requests without a key, and again after a new request."""
    wrong, right, shown_one = call("clado"), call("orbit"), call("clado")
    wrong.refused_once()
    right.start()
    shown_one.start()
    shown_one.http.get(JOBS["clado"] + "/x?key=lk_secret", headers={"Authorization": ""})
    shown = open_page(server, shown_one.namespace)
    listed = shown.page.get_by_role("navigation", name="Namespaces")
    found = len(wrong.control("GET", "findings")["findings"])
    badge = listed.get_by_role("link", name=wrong.namespace).locator(".badge")
    expect(badge).to_have_text(re.compile(rf"^{found} findings?$"))
    expect(listed.get_by_role("link", name="without-key")).to_contain_text("finding")
    link = listed.get_by_role("link", name=right.namespace)
    expect(link).not_to_contain_text("not judged yet")
    expect(link.locator(".badge")).to_have_count(0)
    right.poll("x", params={"key": right.key})
    expect(link.locator(".badge")).to_contain_text("finding")


def test_a_namespace_is_not_judged_yet(call: Call, open_page: Open, server: str) -> None:
    """Until the findings of a namespace are known, its title and its text for screen readers say so."""
    first, second = call("clado"), call("orbit")
    first.start()
    second.start()
    shown = open_page(server, first.namespace)
    expect(shown.page.locator("#not-judged")).to_be_visible()
    shown.page.route(re.compile(r"/findings\?"), lambda route: route.abort())
    shown.allow_refusals()
    third = call("clado")
    third.start()
    link = shown.page.get_by_role("navigation", name="Namespaces").get_by_role("link", name=third.namespace)
    expect(link).to_contain_text("not judged yet")
    expect(link).to_have_attribute("title", f"{third.namespace}, not judged yet")


def test_a_mark_leads_to_its_row(caller: Caller, open_page: Open, server: str) -> None:
    """A click on a mark opens its request's row, and the row leads back to the mark, wherever the time shown is."""
    caller.refused_once()
    shown = open_page(server, caller.namespace)
    mark = shown.mark(5)
    expect(mark).to_have_attribute("data-outcome", "refused")
    mark.click()
    expect(shown.row(5).get_by_role("button").first).to_have_attribute("aria-expanded", "true")
    for button in ["Zoom in"] * 5 + ["Later"] * 20:
        shown.button(button).click()
    expect(mark).not_to_be_in_viewport()
    shown.button("Show its mark").click()
    expect(mark).to_be_in_viewport()
