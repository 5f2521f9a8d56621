"""A server with a control token: the page asks for it, and keeps it in its tab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.page.conftest import Call, Open
from tests.support import served

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect

TOKEN = "a-secret-token-0123456789"


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """The URL of a server with a control token."""
    with served("--time", "manual", "--control-token", TOKEN) as server:
        yield server.url


def test_the_token(guarded: str, call: Call, open_page: Open) -> None:
    """It is asked for, again if it is wrong, stays for a reload of this tab, and is in no URL; the stream works."""
    caller = call("clado", guarded, TOKEN)
    caller.start()
    shown = open_page(guarded, "", refusals=True)
    dialog = shown.page.get_by_role("dialog", name="This server needs a token")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Token", exact=True).fill("another")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog.locator("#token-detail")).to_have_text("This isn’t the server’s token.")
    expect(dialog.get_by_label("Token", exact=True)).to_have_value("")
    dialog.get_by_label("Token", exact=True).fill(TOKEN)
    dialog.get_by_role("button", name="Go on").click()
    expect(shown.page.locator("#connection")).to_have_text("Live")
    expect(shown.row(1)).to_be_visible()
    shown.page.reload()
    expect(shown.row(1)).to_be_visible()
    expect(dialog).to_be_hidden()
    caller.start()
    expect(shown.row(2)).to_be_visible()
    shown.button("+ 10 s").click()
    expect(shown.page.locator("#clock-elapsed")).to_contain_text("0:10")
    assert not [url for url in shown.addresses if TOKEN in url or "another" in url]
    assert TOKEN not in shown.page.content()
    assert shown.page.evaluate("JSON.stringify(localStorage) + document.cookie") == "{}"
    other = open_page(guarded, "", refusals=True)
    expect(other.page.get_by_role("dialog", name="This server needs a token")).to_be_visible()


def test_a_token_that_no_header_can_have(guarded: str, open_page: Open) -> None:
    """The page says that it can't be a token, doesn't keep it, and goes on with the right one."""
    shown = open_page(guarded, "", refusals=True)
    dialog = shown.page.get_by_role("dialog", name="This server needs a token")
    dialog.get_by_label("Token", exact=True).fill("a\u2014b")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog.locator("#token-detail")).to_contain_text("it can’t be a token")
    assert shown.page.evaluate("sessionStorage.length") == 0
    dialog.get_by_label("Token", exact=True).fill(TOKEN)
    dialog.get_by_role("button", name="Go on").click()
    expect(shown.page.locator("#connection")).to_have_text("Live")


def test_page_and_scripts_need_no_token_and_hold_no_data(guarded: str, call: Call) -> None:
    """The files of the page are served to everybody, and have no name of a namespace."""
    caller = call("clado", guarded)
    answer = caller.http.get("/__jobmock/", headers={"Accept": "text/html"})
    assert answer.status_code == 200 and "clado-" not in answer.text
    assert caller.http.get("/__jobmock/events").status_code == 403
