"""The table of requests: its filter, the note of a near miss, curl commands, and text that looks like markup."""

from __future__ import annotations

import re
import subprocess

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Call, Open
from tests.support import HANGS, JOBS, STARTS, scenario

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def test_the_filter(caller: Caller, open_page: Open, server: str) -> None:
    """Text, status, outcome, job and findings each leave the rows that fit, and say how many."""
    caller.refused_once()
    other = caller.start()
    shown = open_page(server, caller.namespace)
    count = shown.page.locator("#requests-count")
    expect(count).to_have_text("10")
    controls = shown.page.get_by_role("search", name="Filter requests")
    controls.get_by_role("combobox", name="Status").select_option("4")
    expect(count).to_have_text("1 of 10")
    expect(shown.row(5)).to_be_visible()
    expect(shown.row(2)).to_have_count(0)
    controls.get_by_role("combobox", name="Status").select_option("")
    controls.get_by_role("combobox", name="Outcome").select_option("refused")
    expect(count).to_have_text("1 of 10")
    controls.get_by_role("combobox", name="Outcome").select_option("")
    controls.get_by_role("combobox", name="Job").select_option(other)
    expect(count).to_have_text("1 of 10")
    expect(shown.row(10)).to_be_visible()
    controls.get_by_role("combobox", name="Job").select_option("")
    controls.get_by_role("searchbox", name="Text").fill("POST")
    expect(count).to_have_text("2 of 10")
    controls.get_by_role("searchbox", name="Text").fill("no such text")
    expect(shown.page.locator("#requests-empty")).to_be_visible()
    controls.get_by_role("searchbox", name="Text").fill("")
    controls.get_by_role("checkbox", name="Only findings").check()
    expect(shown.row(9)).to_be_visible()
    expect(shown.row(1)).to_have_count(0)


def test_a_near_miss(caller: Caller, open_page: Open, server: str) -> None:
    """An opened row of a request to a wrong path says which route is the nearest."""
    caller.http.get("/api/search/deepresearch/x")
    shown = open_page(server, caller.namespace)
    shown.row(1).get_by_role("button").first.click()
    note = "no such route; the nearest is GET /api/search/deep_research/{job}"
    expect(shown.page.locator("tr.opened .note").first).to_contain_text(note)


def test_the_curl_command_repeats_a_request(caller: Caller, open_page: Open, server: str) -> None:
    """A copied command has no key; with the key in the environment it gets what the request got."""
    job = caller.start()
    caller.poll(job, params={"page": 1, "page_size": "5"})
    shown = open_page(server, caller.namespace)
    for number, member in ((1, "job_id"), (2, "status")):
        shown.row(number).get_by_role("button").first.click()
        shown.button("Copy as curl").click()
        expect(shown.page.locator("#notice")).to_contain_text("copied")
        command = shown.copied()
        assert caller.key not in command and "$CLADO_API_KEY" in command
        ran = subprocess.run(
            ["bash", "-c", f"{command} -s"], env={"CLADO_API_KEY": caller.key, "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, timeout=HANGS, check=True,
        )  # fmt: skip
        assert f'"{member}"' in ran.stdout
        shown.row(number).get_by_role("button").first.click()
    expect(shown.row(4)).to_be_visible()
    assert caller.control("GET", "journal")["exchanges"][3]["query"] == "page=1&page_size=5"


def test_a_command_cant_be_broken_out_of(caller: Caller, open_page: Open, server: str) -> None:
    """A path with quotes and a command in it stays one argument of curl."""
    caller.http.get(f"{JOBS['clado']}/'$(touch never)'\"`id`?x='; id #")
    shown = open_page(server, caller.namespace)
    shown.row(1).get_by_role("button").first.click()
    shown.button("Copy as curl").click()
    expect(shown.page.locator("#notice")).to_contain_text("copied")
    listed = f'curl() {{ printf "%s\\n" "$#"; }}; {shown.copied()}'
    ran = subprocess.run(["bash", "-c", listed], capture_output=True, text=True, timeout=HANGS, check=True)
    assert ran.stdout == "4\n", shown.copied()


def test_markup_is_text(caller: Caller, open_page: Open, server: str) -> None:
    """A script in a query, a path, a User-Agent or a scenario is shown as text, and never runs or becomes markup."""
    caller.use({**scenario("clado", {"status": MARKUP, "violates": ["schema"]}), "summary": MARKUP})
    job = caller.start()
    caller.poll(job, params={"q": MARKUP}, headers={"User-Agent": MARKUP})
    caller.poll(MARKUP.replace("/", "%2F"))
    shown = open_page(server, caller.namespace)
    for number, field in ((3, "path"), (2, "agent")):
        shown.row(number).get_by_role("button").first.click()
        expect(shown.page.locator("tr.opened dl")).to_contain_text(field)
    expect(shown.page.locator("tr.opened dl")).to_contain_text(MARKUP)
    expect(shown.page.get_by_role("group", name=f"scenario, {MARKUP}, 2 requests")).to_be_visible()
    assert shown.page.locator("main img, main script").count() == 0


def test_characters_that_cant_be_seen_are_written_out(call: Call, open_page: Open, server: str) -> None:
    """An id of invisible characters, and one that turns the text around it, are shown by the numbers of these."""
    caller = call("orbit")
    for job in ("\u202e1", "\u200b\u3164", "\x07"):
        assert caller.http.post(JOBS["orbit"], json={**STARTS["orbit"], "requestId": job}).is_success
    shown = open_page(server, caller.namespace)
    for number, written in enumerate(("\\u{202e}1", "\\u{200b}\\u{3164}", "\\u{7}"), start=1):
        expect(shown.row(number).locator(".j")).to_have_text(written)
        expect(shown.button(f"Show the requests of job {written}")).to_have_text(written)
    assert not re.search("[\u202e\u200b\u3164\x07]", shown.page.locator("body").inner_text())
    shown.row(1).get_by_role("button").first.click()
    details = shown.page.locator("tr.opened dl")
    expect(details).to_contain_text("\\u{202e}1")
    expect(details).not_to_contain_text("arrived")
