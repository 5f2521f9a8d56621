"""Scenarios are found, played and written on the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.page.callers import Caller
from tests.page.conftest import Call, Open
from tests.support import served

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import Route, expect

YAML = """\
version: 1
api: clado
summary: Written on the page.
progression:
  - status: pending
    after: {polls: 1}
  - status: compelted
"""


def test_a_scenario_is_played_in_a_namespace(caller: Caller, open_page: Open, server: str) -> None:
    """The list is searched, a scenario's timeline is drawn, and from then on jobs of this namespace play it."""
    caller.start()
    shown = open_page(server, caller.namespace)
    shown.button("Scenarios").click()
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    dialog.get_by_role("searchbox", name="Search scenarios").fill("two-pages")
    expect(dialog.locator("li[data-scenario='clado/usual']")).to_be_hidden()
    dialog.locator("li[data-scenario='clado/two-pages'] button").click()
    picture = dialog.get_by_role("img", name="Timeline of clado/two-pages")
    expect(picture).to_be_visible()
    shown.page.wait_for_function("() => document.querySelector('dialog img').naturalWidth > 100")
    dialog.get_by_role("button", name="Play in this namespace").click()
    expect(shown.page.locator("#notice")).to_have_text("Jobs now play clado/two-pages.")
    job = caller.start()
    jobs = {one["id"]: one["scenario"] for one in caller.control("GET", "jobs")["jobs"]}
    assert jobs[job] == "clado/two-pages"


def test_a_job_is_started(caller: Caller, open_page: Open, server: str) -> None:
    """A job that is started on the page has a lane, and the client can poll it."""
    caller.start()
    shown = open_page(server, caller.namespace)
    shown.button("Scenarios").click()
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    dialog.locator("li[data-scenario='clado/job-error'] button").click()
    dialog.get_by_role("button", name="Start a job").first.click()
    expect(shown.page.locator("#notice")).to_contain_text("plays clado/job-error.")
    job = next(one["id"] for one in caller.control("GET", "jobs")["jobs"] if one["scenario"] == "clado/job-error")
    expect(dialog).to_be_hidden()
    expect(shown.page.locator(f".lane[data-job='{job}']")).to_be_visible()
    assert caller.poll(job).status_code == 200


def test_an_error_in_pasted_yaml_is_shown_at_its_line(caller: Caller, open_page: Open, server: str) -> None:
    """What `lint` says of a text stands beside its line; without an error the text can be played."""
    caller.start()
    shown = open_page(server, caller.namespace)
    shown.button("Scenarios").click()
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    dialog.get_by_role("button", name="Paste YAML").click()
    text = dialog.get_by_role("textbox", name="YAML of a scenario")
    text.fill(YAML)
    errors = dialog.locator("#yaml-errors")
    expect(errors).to_contain_text("1 error")
    expect(errors.get_by_role("button", name="line 7")).to_be_visible()
    expect(errors).to_contain_text("compelted")
    expect(dialog.locator("#yaml-lines mark[data-line='7']")).to_be_attached()
    expect(text).to_have_attribute("aria-invalid", "true")
    errors.get_by_role("button", name="line 7").click()
    expect(text).to_be_focused()
    text.fill(YAML.replace("compelted", "completed"))
    expect(errors).to_have_text("No errors.")
    dialog.get_by_role("button", name="Play it").click()
    expect(shown.page.locator("#notice")).to_contain_text("Jobs now play")
    job = caller.start()
    assert [caller.poll(job).json()["status"] for _ in range(2)] == ["pending", "completed"]


def test_a_scenario_of_the_other_api_cant_be_played_here(caller: Caller, open_page: Open, server: str) -> None:
    """Buttons that would play a scenario of another API can't be pressed."""
    caller.start()
    shown = open_page(server, caller.namespace)
    shown.button("Scenarios").click()
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    dialog.locator("li[data-scenario='orbit/usual'] button").click()
    expect(dialog.get_by_role("heading", name="orbit/usual")).to_be_visible()
    for name in ("Play in this namespace", "Start a job"):
        expect(dialog.get_by_role("button", name=name).first).to_be_disabled()


def test_the_editor_stays_when_the_list_comes_late(caller: Caller, open_page: Open, server: str) -> None:
    """Who chooses the editor while the list is still loading keeps it."""
    caller.start()
    shown = open_page(server, caller.namespace)
    held = list[Route]()
    shown.page.route("**/scenarios", lambda route: held.append(route))
    shown.button("Scenarios").click()
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    dialog.get_by_role("button", name="Paste YAML").click()
    held[0].continue_()
    expect(dialog.locator("li[data-scenario='clado/usual']")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="YAML of a scenario")).to_be_visible()


def test_yaml_of_the_other_api_cant_be_played_here(caller: Caller, open_page: Open, server: str) -> None:
    """The page says for which namespaces it is, and its buttons can't be pressed until the text is of this API."""
    caller.start()
    shown = open_page(server, caller.namespace)
    shown.button("Scenarios").click()
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    dialog.get_by_role("button", name="Paste YAML").click()
    text = dialog.get_by_role("textbox", name="YAML of a scenario")
    text.fill("version: 1\napi: orbit\nsummary: Of the other API.\nprogression:\n  - status: completed\n")
    expect(dialog.locator("#yaml-obstacle")).to_have_text("It is for namespaces of orbit.")
    for button in ("#yaml-play", "#yaml-start"):
        expect(dialog.locator(button)).to_be_disabled()
    text.fill(YAML.replace("compelted", "completed"))
    expect(dialog.locator("#yaml-obstacle")).to_be_empty()
    for button in ("#yaml-play", "#yaml-start"):
        expect(dialog.locator(button)).to_be_enabled()


def test_a_key_that_names_its_scenario(caller: Caller, open_page: Open, server: str) -> None:
    """No other scenario can be played in its namespace, but a job of one can be started."""
    caller.http.headers["Authorization"] = f"Bearer {caller.key}--slow"
    caller.start()
    shown = open_page(server, caller.namespace)
    shown.button("Scenarios").click()
    dialog = shown.page.get_by_role("dialog", name="Scenarios")
    dialog.locator("li[data-scenario='clado/job-error'] button").click()
    expect(dialog.get_by_role("button", name="Play in this namespace")).to_be_disabled()
    expect(dialog.locator("#scenario-details")).to_contain_text("The key itself names its scenario.")
    dialog.get_by_role("button", name="Paste YAML").click()
    expect(dialog.locator("#yaml-play")).to_be_disabled()
    dialog.locator("li[data-scenario='clado/job-error'] button").click()
    dialog.get_by_role("button", name="Start a job").first.click()
    expect(shown.page.locator("#notice")).to_contain_text("plays clado/job-error.")


MARKUP = "<img src=x onerror=alert(1)>"


def test_scenarios_of_a_folder(call: Call, open_page: Open, tmp_path: Path) -> None:
    """A broken file is listed with its error, and markup in a summary is text."""
    (tmp_path / "good.yaml").write_text(YAML.replace("compelted", "completed").replace("Written on", MARKUP))
    (tmp_path / "broken.yaml").write_text(YAML)
    with served("--time", "manual", "--scenarios", tmp_path) as own:
        caller = call("clado", own.url)
        caller.start()
        shown = open_page(own.url, caller.namespace)
        shown.button("Scenarios").click()
        dialog = shown.page.get_by_role("dialog", name="Scenarios")
        listed = dialog.get_by_role("region", name="List of scenarios").locator("li")
        expect(listed.filter(has_text=MARKUP)).to_have_count(1)
        broken = listed.and_(dialog.locator("[data-scenario='broken']"))
        expect(broken.locator(".badge")).to_have_text("broken")
        broken.get_by_role("button").click()
        expect(dialog.locator("#scenario-details")).to_contain_text("compelted")
        listed.filter(has_text=MARKUP).get_by_role("button").click()
        expect(dialog.locator("#scenario-details")).to_contain_text(MARKUP)
        assert dialog.locator("img[src=x]").count() == 0
        shown.close()
