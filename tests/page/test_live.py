"""The page shows what happens while it happens, and says when it can't."""

from __future__ import annotations

import signal

import pytest
from tests.free_ports import free_port
from tests.page.callers import Caller
from tests.page.conftest import Call, Open
from tests.support import served

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect


def test_a_request_appears_without_a_reload(caller: Caller, open_page: Open, server: str) -> None:
    """A poll that comes while the page is open has a row, a mark and a count, and the page isn't loaded again."""
    job = caller.start()
    shown = open_page(server, caller.namespace)
    expect(shown.row(1)).to_be_visible()
    shown.page.evaluate("window.before = true")
    caller.poll(job)
    caller.advance(600)
    caller.poll(job)
    expect(shown.row(3)).to_be_visible()
    expect(shown.mark(3)).to_be_visible()
    expect(shown.page.locator("#requests-count")).to_have_text("3")
    expect(shown.page.locator("#clock-elapsed")).to_contain_text("10:00")
    expect(shown.page.get_by_role("group", name="pending, 3 requests: 3 answered")).to_be_visible()
    assert shown.page.evaluate("window.before")


def test_a_first_visit_shows_a_command_that_makes_a_namespace(call: Call, open_page: Open) -> None:
    """Without any namespace the page says what to do. Once a client has called, its namespace is shown."""
    with served("--time", "manual") as own:
        shown = open_page(own.url)
        expect(shown.page.get_by_role("heading", name="No client has called yet")).to_be_visible()
        assert f"curl '{own.url}/" in shown.page.locator("#welcome-command").inner_text()
        caller = call("orbit", own.url)
        caller.start()
        expect(shown.page.get_by_role("heading", level=2, name=caller.namespace)).to_be_visible()
        expect(shown.page.get_by_role("heading", name="No client has called yet")).to_be_hidden()
        shown.close()


def test_two_namespaces_stand_apart(call: Call, open_page: Open, server: str) -> None:
    """Each namespace has its own entry, and the page shows the requests and the clock of the chosen one alone."""
    first, second = call("clado"), call("orbit")
    first.poll(first.start())
    second.start()
    second.advance(77)
    shown = open_page(server, first.namespace)
    expect(shown.page.locator("#requests-count")).to_have_text("2")
    listed = shown.page.get_by_role("navigation", name="Namespaces")
    link = listed.get_by_role("link", name=second.namespace)
    expect(link).to_contain_text("1 request")
    link.click()
    expect(shown.page.get_by_role("heading", level=2, name=second.namespace)).to_be_visible()
    expect(shown.page.locator("#requests-count")).to_have_text("1")
    expect(shown.page.locator("#clock-elapsed")).to_contain_text("1:17")
    listed.get_by_role("searchbox", name="Search namespaces").fill(first.namespace)
    expect(link).to_be_hidden()
    expect(listed.get_by_role("link", name=first.namespace)).to_be_visible()


def test_a_link_to_a_namespace_that_is_gone(caller: Caller, open_page: Open, server: str) -> None:
    """The page says so, shows another namespace, and then stays there."""
    caller.start()
    shown = open_page(server)
    for gone in ("clado-aaaa", "clado-bbbb"):
        shown.page.goto(f"{server}/__jobmock/#{gone}")
        expect(shown.page.get_by_role("alert")).to_contain_text(f"There is no namespace {gone} any more.")
        expect(shown.page.get_by_role("heading", level=2, name="clado-")).to_be_visible()
        assert gone not in shown.page.url


def test_a_server_that_ends_and_starts_again(call: Call, open_page: Open) -> None:
    """While the server is away the page says that it isn't live; when it is back, the page shows what it has now."""
    port = free_port()
    with served("--port", port) as before:
        caller = call("clado", before.url)
        caller.start()
        old = caller.namespace
        shown = open_page(before.url, old)
        shown.allow_refusals()
        connection = shown.page.locator("#connection")
        assert before.end(signal.SIGTERM) == 0
        expect(connection).to_have_attribute("data-live", "false")
        expect(connection).to_contain_text("Not live.")
    with served("--port", port) as after:
        caller = call("orbit", after.url)
        caller.start()
        expect(connection).to_have_text("Live")
        expect(shown.page.get_by_role("navigation").get_by_role("link", name=caller.namespace)).to_be_visible()
