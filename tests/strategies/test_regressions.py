"""Counterexamples are files: written once, never overwritten, off in CI, and examples of a property from then on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.support import call, served

from jobmock import scenario as language
from jobmock.errors import ScenarioError, UsageError
from jobmock.models import Scenario
from jobmock.strategies import replaying
from jobmock.strategies.regressions import attach_scenario, attached_scenarios, load_saved, save, write
from jobmock.strategies.scripts import script_scenario

UNAVAILABLE = script_scenario("clado", ("503",))


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    """A file in the API's folder names the test and the reason, and holds the scenario."""
    path = write(replace(UNAVAILABLE, summary=""), "test_it[a b]", "no-back-off (error): too fast.", tmp_path)
    assert path.parent == tmp_path / "regressions" / "clado"
    assert path.name.startswith("test_it-a-b-")
    head, _, text = path.read_text().partition("version:")
    assert head.splitlines() == [
        "# Found by test_it[a b]. Delete it when you no longer need it.", "# The clock began at 2026-01-01T00:00:00Z.",
        "# no-back-off (error): too fast.",
    ]  # fmt: skip
    read = language.from_text("version:" + text)
    assert read.summary == "Found by test_it-a-b: no-back-off."
    assert replace(read, name=UNAVAILABLE.name, summary=UNAVAILABLE.summary) == UNAVAILABLE


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Equal counterexamples have the same file name, also with another summary; an existing file is kept."""
    path = write(UNAVAILABLE, "it", "Why.", tmp_path)
    path.write_text("mine")
    assert write(replace(UNAVAILABLE, summary="Another."), "it", "Another reason.", tmp_path) == path
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("choice", "ci", "written"),
    [(None, None, True), (None, "true", False), ("always", "true", True), ("never", None, False), ("auto", "1", False)],
)
def test_when_files_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choice: str | None, ci: str | None, written: bool
) -> None:
    """Not in CI, unless JOBMOCK_SAVE says so; never, if it says that."""
    for name, value in (("JOBMOCK_SAVE", choice), ("CI", ci)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    path = save(UNAVAILABLE, "it", "Why.", tmp_path)
    assert (path is not None and path.exists()) is written


def test_another_choice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that there isn't is named, with the nearest."""
    monkeypatch.setenv("JOBMOCK_SAVE", "alwais")
    with pytest.raises(UsageError, match=r"JOBMOCK_SAVE is 'alwais'.*Did you mean 'always'"):
        save(UNAVAILABLE, "it", "Why.", tmp_path)


def test_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the one given, else JOBMOCK_SCENARIOS, else `scenarios` where we are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JOBMOCK_SCENARIOS", raising=False)
    assert write(UNAVAILABLE, "it", "Why.").resolve().is_relative_to(tmp_path / "scenarios")
    monkeypatch.setenv("JOBMOCK_SCENARIOS", "mine")
    assert write(UNAVAILABLE, "it", "Why.").resolve().is_relative_to(tmp_path / "mine")


def test_only_a_tests_own_files_are_its_own(tmp_path: Path) -> None:
    """A test whose name begins like another's doesn't get that one's files."""
    write(UNAVAILABLE, "test_a", "Why.", tmp_path)
    write(UNAVAILABLE, "test_a-b", "Why.", tmp_path)
    assert [path.name.rpartition("-")[0] for path, _ in load_saved("clado", "test_a", tmp_path)] == ["test_a"]


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """A counterexample that somebody broke says where it is broken."""
    path = write(UNAVAILABLE, "it", "Why.", tmp_path)
    path.write_text(path.read_text().replace("completed", "complete"))
    with pytest.raises(ScenarioError, match=rf"{path.name}:\d+:\d+: .*Did you mean 'completed'"):
        list(load_saved("clado", "it", tmp_path))


def test_they_are_examples_of_a_property(tmp_path: Path) -> None:
    """`replaying` hands a @given test its saved scenarios, with the others' values, and stands above nothing else."""
    write(UNAVAILABLE, "one", "Why.", tmp_path)
    seen: list[tuple[Scenario, int]] = []

    @replaying("clado", folder=tmp_path, number=7)
    @settings(phases=[Phase.explicit])
    @given(scenario=st.just(UNAVAILABLE), number=st.just(0))
    def one(scenario: Scenario, number: int) -> None:
        seen.append((scenario, number))

    one()
    assert [(scenario.faults, number) for scenario, number in seen] == [(UNAVAILABLE.faults, 7)]
    with pytest.raises(UsageError, match="above @given"):
        replaying("clado", folder=tmp_path)(json.dumps)


def test_a_scenario_is_noted_on_an_exception() -> None:
    """The scenario is found on the exception, alone or in a group."""
    one, two = attach_scenario(ValueError("one"), UNAVAILABLE), attach_scenario(ValueError("two"), None)
    assert list(attached_scenarios(one)) == [(UNAVAILABLE, one)]
    assert list(attached_scenarios(two)) == []
    group = ExceptionGroup("both", [two, ExceptionGroup("inner", [one])])
    assert list(attached_scenarios(group)) == [(UNAVAILABLE, one)]


def test_any_language_can_replay_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command lists and explains a file, and a server plays it to a key that names it."""
    path = write(UNAVAILABLE, "it", "Why.", tmp_path)
    name = f"regressions/clado/{path.stem}"
    listed = call(capsys, "list", "--format", "json", "--scenarios", tmp_path)
    assert f"clado/{name}" in [row["name"] for row in json.loads(listed.out)]
    assert "request 1  respond 503" in call(capsys, "explain", path).out
    with served("--scenarios", tmp_path) as server:
        headers = {"Authorization": f"Bearer lk_ci--{name}"}
        with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
            job = client.post("/api/search/deep_research", json={"query": "chemists"}).json()["job_id"]
            statuses = [client.get(f"/api/search/deep_research/{job}").status_code for _ in range(2)]
    assert statuses == [503, 200]
