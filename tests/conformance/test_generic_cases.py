"""An API without a file with cases has cases that are made from its tables: a correct client passes them all."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.apis.distributions import TOAST, run_python
from tests.conformance.reference import reference
from tests.conformance.toast_client import BUGS, CLIENT

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.conformance.cases import ACTIONS, Case
from jobmock.conformance.clients.callable_client import CallableClient
from jobmock.conformance.generic_cases import GROUPS, generic_cases
from jobmock.conformance.playing import play_cases
from jobmock.conformance.suite_document import SuiteDocument
from jobmock.conformance.ways import way_to
from jobmock.errors import UsageError

OTHER_QUERY = {("orbit", "started")}
"""The cases that need a query of a certain form, which only the API's own file knows."""


def conform(place: Path, *args: str, client: str = CLIENT) -> subprocess.CompletedProcess[str]:
    """Run `jobmock conform --api toast` with a client."""
    (place / "toast_client.py").write_text(client)
    command = ("-m", "jobmock", "conform", "--api", "toast", "--client", "toast_client:conform", *args)
    return run_python(*command, places=[TOAST, place])


def made(api: str) -> list[Case]:
    """Return the generic cases of an API."""
    suite = SuiteDocument(generic_cases(apis.load(api)), Catalogue())
    cases = [case for _, case in suite.cases()]
    assert suite.problems == []
    return cases


def test_a_correct_client_passes(tmp_path: Path) -> None:
    """Each case is judged, and passed by a correct client of an API that has no file with cases."""
    ran = conform(tmp_path, "--report", "json", "--fail-on", "should")
    card: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stdout
    assert {case["result"] for case in card["cases"]} == {"passed"} and len(card["cases"]) > 30
    names = {case["id"].partition("/")[0] for case in card["cases"]}
    assert names == {bug.case.partition("/")[0] for bug in BUGS.values()}, "A case has no wrong client."


@pytest.mark.parametrize("bug", BUGS)
def test_a_wrong_client_fails(bug: str, tmp_path: Path) -> None:
    """A client with one bug fails the case that is about it."""
    old, new, case = BUGS[bug]
    assert CLIENT.count(old) == 1
    ran = conform(tmp_path, "--case", case, "--fail-on", "should", client=CLIENT.replace(old, new))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f"failed {case} (" in ran.stdout


@pytest.mark.parametrize("api", apis.names())
def test_correct_clients_of_other_apis_pass(api: str) -> None:
    """The cases that would be made for jobmock's own APIs are passed by their correct clients, too."""
    cases = [case for case in made(api) if (api, case.id) not in OTHER_QUERY]
    results = play_cases(CallableClient(reference, apis.load(api)), cases, capabilities=ACTIONS)
    assert [(one.case.id, one.result) for one in results if one.result != "passed"] == []


def test_what_an_api_has_is_played() -> None:
    """There are pages and a cancel for an API that has them, each status, and each refusal of a poll."""
    ids = {api: {case.id for case in made(api)} for api in ("clado", "orbit")}
    assert ids["clado"] >= {"cancel", "no-page", "full-page", "one-over", "many-pages"}
    assert ids["clado"] >= {"ended/error", "ended/cancelled", "disconnect/mid_body"}
    assert ids["clado"] >= {"at-work/pending", "at-work/searching", "at-work/processing", "succeeded/completed"}
    assert ids["clado"] >= {"poll-refused/forbidden", "retry-after/rate_limited", "without-retry-after/unavailable"}
    assert not ids["orbit"] & {"cancel", "no-page", "nothing"}
    assert {case.group for case in made("clado")} == set(GROUPS)


def test_an_own_file_takes_their_place() -> None:
    """An API with a file has the cases of that file alone."""
    ran = run_python("-m", "jobmock", "conform", "--api", "clado", "--list", places=[TOAST])
    assert "at-work/" not in ran.stdout and "started-and-completed" in ran.stdout


def test_own_cases_come_behind_them(tmp_path: Path) -> None:
    """A folder of the user's adds cases to the generic ones."""
    case = "{id: mine, group: ours, title: It polls., action: poll, scenario: usual, expect: {outcome: returns}}"
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own.yaml").write_text(f"version: 1\napi: toast\nquery: x\ncases:\n  - {case}\n")
    listed = conform(tmp_path, "--suite", str(tmp_path / "own"), "--list").stdout
    assert listed.index("  stuck ") < listed.index("\nours\n  mine ")


def test_a_case_is_explained(tmp_path: Path) -> None:
    """`--explain` says what a generic case plays and expects, as for one of a file."""
    out = conform(tmp_path, "--explain", "at-work/toasting").stdout
    for words in ("at-work/toasting (endings, must)", "Action: poll", "a returned status is 'toasted'", "3 slices"):
        assert words in out


def test_an_api_without_a_success() -> None:
    """An API in which no job succeeds has no cases, and the error says how to find out why."""
    api = replace(apis.load("orbit"), shows=dict.fromkeys(apis.load("orbit").shows, "kept"))
    with pytest.raises(UsageError, match=r"has no success.*`jobmock lint --api orbit` says what is wrong"):
        generic_cases(api)


def test_ways() -> None:
    """A way is the shortest one by the table; there is none where the table leads nowhere."""
    table = {"a": frozenset("b"), "b": frozenset("cd"), "c": frozenset("d"), "d": frozenset[str](), "e": frozenset("d")}
    assert way_to("d", table) == ["a", "b", "d"]
    assert way_to("d", table, "c") == ["c", "d"]
    assert way_to("a", table) == ["a"]
    assert way_to("e", table) == []
