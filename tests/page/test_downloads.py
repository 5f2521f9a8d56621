"""Files that the page saves, and text that it copies."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from tests.page.callers import Caller
from tests.page.conftest import Open
from tests.page.watched import Watched

from jobmock.scenario import from_text

pytest.importorskip("playwright.sync_api", reason="Playwright isn't installed.")
from playwright.sync_api import expect


def saved(shown: Watched, button: str) -> tuple[str, Any]:
    """Press a button, and return the name of the file that it saves, and its text."""
    with shown.page.expect_download() as download:
        shown.page.get_by_role("button", name=button).first.click()
    return download.value.suggested_filename, download.value.path().read_text("utf-8")


def test_files(caller: Caller, open_page: Open, server: str) -> None:
    """HAR, journal and a job's YAML have all requests, and the scenario as it can be played again; none has the key."""
    job = caller.refused_once()
    shown = open_page(server, caller.namespace)
    (har_name, har), (journal_name, journal) = saved(shown, "HAR"), saved(shown, "Journal")
    yaml_name, text = saved(shown, f"YAML of job {job[:8]}")
    assert (har_name, journal_name) == (f"{caller.namespace}.har", f"{caller.namespace}.json")
    assert len(json.loads(har)["log"]["entries"]) == len(json.loads(journal)["exchanges"]) == 9
    assert json.loads(har)["log"]["version"] == "1.2"
    assert yaml_name.endswith(".yaml") and yaml.safe_load(text)["api"] == "clado"
    assert from_text(text).faults
    assert caller.key not in har + journal + text


def test_the_story(caller: Caller, open_page: Open, server: str) -> None:
    """The copied text is the story that the server tells of this namespace."""
    caller.refused_once()
    shown = open_page(server, caller.namespace)
    shown.button("Copy as text").click()
    expect(shown.page.locator("#notice")).to_contain_text("copied")
    story = caller.http.get("/__jobmock/findings", params={"format": "text"}).text
    assert shown.copied().strip() == story.strip() and "retry-after-ignored" in story
