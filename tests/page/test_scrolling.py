"""The table of requests scrolls with its requests, and otherwise rests."""

from __future__ import annotations

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Call, Open
from tests.page.watched import Watched
from tests.support import JOBS, STARTS

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect

WINDOW = {"width": 1400, "height": 1000}
CHANGES = """async () => {
  const changes = [], scroller = document.querySelector("#request-scroller"), place = scroller.scrollTop;
  new MutationObserver((all) => changes.push(...all.map(({ type, target }) => `${type} ${target.className}`)))
    .observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true, characterData: true });
  for (let frame = 0; frame < 30; frame++) await new Promise(requestAnimationFrame);
  return scroller.scrollTop === place ? changes : [...changes, "scrolled"];
}"""


def jobs(caller: Caller, first: int, last: int) -> None:
    """Start jobs of Orbit, and poll each once."""
    for number in range(first, last):
        body = {**STARTS["orbit"], "requestId": f"run-{number}"}
        assert caller.http.post(JOBS["orbit"], json=body).is_success
        assert caller.poll(f"run-{number}").is_success


def has_come(shown: Watched, requests: int) -> None:
    """Wait until the page has these requests, and what was found about them."""
    expect(shown.page.locator("#requests-count")).to_have_text(str(requests))
    expect(shown.page.locator("#not-judged, #finding-list li").locator("visible=true").first).to_be_attached()
    expect(shown.page.locator(".lane .span").first).to_be_attached()


def test_nothing_changes_without_a_cause(call: Call, open_page: Open, server: str) -> None:
    """With many requests, in a table whose rows have heights with a fraction, no frame changes the page by itself."""
    caller = call("orbit")
    jobs(caller, 0, 20)
    shown = open_page(server, caller.namespace, viewport=WINDOW)
    has_come(shown, 40)
    for place in (None, 513, 540, 594):
        if place:
            shown.page.locator("#request-scroller").evaluate("(one, place) => one.scrollTo(0, place)", place)
            shown.page.evaluate(CHANGES)
        assert shown.page.evaluate(CHANGES) == []


def test_the_table_stays_at_its_end(call: Call, open_page: Open, server: str) -> None:
    """It opens at the newest request and follows, though lanes take its room; a user who scrolled up is left there."""
    caller = call("orbit")
    jobs(caller, 0, 20)
    shown = open_page(server, caller.namespace, viewport=WINDOW)
    has_come(shown, 40)
    expect(shown.row(40)).to_be_in_viewport()
    jobs(caller, 20, 22)
    expect(shown.row(44)).to_be_in_viewport()
    shown.page.set_viewport_size({"width": 1400, "height": 800})
    expect(shown.row(44)).to_be_in_viewport()
    table = shown.page.locator("#request-scroller")
    table.evaluate("one => one.scrollTo(0, 0)")
    expect(shown.row(1)).to_be_in_viewport()
    jobs(caller, 22, 23)
    has_come(shown, 46)
    assert table.evaluate("one => one.scrollTop") == 0
