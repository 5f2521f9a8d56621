"""The clock of a namespace is moved, and its mode is chosen, on the page."""

from __future__ import annotations

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Open
from tests.support import scenario

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect


def test_it_is_advanced(caller: Caller, open_page: Open, server: str) -> None:
    """Each button advances the clock of this namespace by its seconds, and the page shows the new reading."""
    caller.start()
    shown = open_page(server, caller.namespace)
    for button, reads, seconds in (("+ 1 s", "0:01", 1), ("+ 10 s", "0:11", 11), ("+ 1 min", "1:11", 71)):
        shown.region("Clock").get_by_role("button", name=button, exact=True).click()
        expect(shown.page.locator("#clock-elapsed")).to_contain_text(reads)
        assert caller.control("GET", "clock")["elapsed"] == seconds


def test_the_next_event(caller: Caller, open_page: Open, server: str) -> None:
    """The button goes to the next event exactly: here the next step of a job. Without one it can't be pressed."""
    caller.use(scenario("clado", {"status": "pending", "after": {"seconds": 37}}, "completed"))
    caller.start()
    shown = open_page(server, caller.namespace)
    expect(shown.page.locator("#clock-next")).to_contain_text("37")
    shown.button("Next event").click()
    expect(shown.page.locator("#clock-elapsed")).to_contain_text("0:37")
    expect(shown.button("Next event")).to_be_disabled()
    expect(shown.page.locator("#clock-next")).to_have_text("nothing is due")
    assert caller.control("GET", "clock")["elapsed"] == 37


def test_mode_and_speed(caller: Caller, open_page: Open, server: str) -> None:
    """A clock gets another mode and speed, and runs on the page too; a speed that isn't allowed changes nothing."""
    caller.start()
    shown = open_page(server, caller.namespace)
    clock = shown.region("Clock")
    clock.get_by_role("combobox", name="Mode").select_option("scaled")
    clock.get_by_role("spinbutton", name="Speed").fill("3600")
    clock.get_by_role("button", name="Set").click()
    expect(shown.page.locator("#clock-elapsed")).to_contain_text(":")
    shown.page.wait_for_function("() => /[1-9]\\d:\\d\\d/.test(document.getElementById('clock-elapsed').textContent)")
    now = caller.control("GET", "clock")
    assert (now["mode"], now["speed"]) == ("scaled", 3600)
    clock.get_by_role("combobox", name="Mode").select_option("manual")
    clock.get_by_role("button", name="Set").click()
    expect(clock.get_by_role("spinbutton", name="Speed")).to_be_hidden()
    expect(shown.button("+ 1 s")).to_be_enabled()
    assert caller.control("GET", "clock")["mode"] == "manual"


def test_a_held_answer_goes_out(caller: Caller, open_page: Open, server: str) -> None:
    """An answer that is held by its delay is shown as held, and the next event lets it go."""
    fault = {"when": {"request": 1}, "delay": "90s"}
    caller.use(scenario("clado", {"status": "pending", "after": {"seconds": 1_000}}, "completed", faults=[fault]))
    job = caller.start()
    shown = open_page(server, caller.namespace)
    with caller.in_thread(lambda: caller.poll(job)) as polled:
        try:
            expect(shown.row(2)).to_be_visible()
            expect(shown.page.locator("#clock-next")).to_contain_text("1 min 30 s")
            shown.button("Next event").click()
            expect(shown.page.locator("#clock-elapsed")).to_contain_text("1:30")
        finally:
            caller.advance(1_000)
        assert polled.result().status_code == 200
    assert caller.control("GET", "journal")["exchanges"][1]["held"] is not None
