"""A scenario is checked against its API, and every error in `data/broken` is reported with its place."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support import HANGS

from jobmock import scenario
from jobmock.catalogue import Catalogue
from jobmock.catalogue.scenario_validation import check_scenario
from jobmock.errors import Problem, ScenarioError
from jobmock.models import More, Results, Step
from jobmock.scenario.bounds import MAX_BYTES

BROKEN = Path(__file__).parents[1] / "data" / "broken"
TABLE = BROKEN / "expected.yaml"
EXPECTED: dict[str, Any] = yaml.safe_load(TABLE.read_text("utf-8"))


def problems(path: Path) -> list[Problem]:
    """Return the problems of a file: those of the language, or else those of its API."""
    try:
        return check_scenario(scenario.from_file(path))[1]
    except ScenarioError as error:
        return list(error.problems)


def judged(text: str) -> list[tuple[str, str, str]]:
    """Return (severity, pointer, message) of each problem of a Clado or Orbit progression."""
    return [
        (problem.severity, problem.pointer, problem.message)
        for problem in check_scenario(scenario.from_text(f"version: 1\n{text}"))[1]
    ]


def test_every_broken_file_is_in_the_table() -> None:
    """The table and the folder name the same files, at least 34 of them."""
    files = {path.name for path in BROKEN.iterdir()} - {TABLE.name}
    assert files == set(EXPECTED)
    assert len(files) >= 34


@pytest.mark.parametrize("name", EXPECTED)
def test_broken_file(name: str) -> None:
    """An error shows line and column (or pointer), the value, the allowed values and the nearest name."""
    expected, found = EXPECTED[name], problems(BROKEN / name)
    place = expected.get("pointer") or tuple(expected["at"])
    there = [problem for problem in found if (problem.position or problem.pointer) == place]
    assert len(there) == 1 or expected.get("others"), [str(problem) for problem in found]
    assert len(found) == 1 or expected.get("others"), [str(problem) for problem in found]
    assert all(problem.severity == "error" for problem in found)
    assert any(all(text in problem.message for text in expected["says"]) for problem in there), found
    start = f"{BROKEN / name}#" if "pointer" in expected else f"{BROKEN / name}:{place[0]}:{place[1]}: error: "
    assert all(str(problem).startswith(start) for problem in there)


def test_lint_refuses_every_broken_file(tmp_path: Path) -> None:
    """`jobmock lint` ends with 2, names every broken file, and shows no traceback."""
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    files = [str(BROKEN / name) for name in EXPECTED] + [str(large), str(tmp_path / "missing.yaml")]
    command = [sys.executable, "-m", "jobmock", "lint", "--format", "json", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 2
    assert done.stderr == ""
    assert "Traceback" not in done.stdout
    rows = json.loads(done.stdout)
    assert {row["file"] for row in rows if row["severity"] == "error"} == set(files)
    assert all(row["message"].endswith((".", "?")) for row in rows)


def test_legal_scenario_has_no_problems() -> None:
    """A scenario whose steps obey the API has a plan and no problems."""
    plan, found = check_scenario(scenario.from_text("version: 1\napi: clado\nprogression: [{status: completed}]"))
    assert (plan.scenario.api, found) == ("clado", [])


@pytest.mark.parametrize("name", Catalogue().names())
def test_bundled_scenarios_are_spotless(catalogue: Catalogue, name: str) -> None:
    """A bundled scenario compiles without any warning, is named after its folder, and has a summary."""
    plan = catalogue.plan(name)
    assert check_scenario(plan.scenario)[1] == []
    assert plan.scenario.summary.endswith(".")
    assert name == plan.name and name.startswith(f"{plan.scenario.api}/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "api: clado\nprogression: [{status: completed, violates: [schema]}]",
            ("warning", "/progression/0", "declares `violates: [schema]`"),
        ),
        (
            "api: clado\nprogression: [{status: completed, violates: [transition]}]",
            ("warning", "/progression/0/status", "its transition is legal"),
        ),
        (
            "api: clado\nprogression: [{status: not_found, violates: [transition]}]",
            ("warning", "/progression/0/status", "its transition is legal"),
        ),
        (
            "api: orbit\nprogression: [{status: failed, body: {failure: {retryabel: true}}}]",
            ("warning", "/progression/0/body/failure/retryabel", "Did you mean 'retryable'?"),
        ),
        (
            "api: orbit\nprogression: [{status: not_found, body: {error: {code: 7}}}]",
            ("error", "/progression/0/body/error/code", "violates: [schema]"),
        ),
    ],
)
def test_judgement(text: str, expected: tuple[str, str, str]) -> None:
    """Needless declarations and unlisted members are warnings; an invalid 404 body is an error like any other."""
    [(severity, pointer, message)] = judged(text)
    assert (severity, pointer) == expected[:2]
    assert expected[2] in message


def test_one_warning_for_one_unlisted_member() -> None:
    """An unlisted member is reported once, although its step is checked with several queries."""
    [(severity, pointer, message)] = judged("api: clado\nprogression: [{status: completed, body: {mesage: hi}}]")
    assert (severity, pointer) == ("warning", "/progression/0/body/mesage")
    assert "'mesage'" in message and "Did you mean 'message'?" in message


@pytest.mark.parametrize(
    "text",
    [
        "api: clado\nprogression: [{status: reranking, violates: [schema]}]",
        "api: clado\nprogression: [{status: completed, body: {final_results_count: many}, violates: [schema]}]",
        "api: clado\nprogression: [{status: completed, after: {polls: 1}},"
        " {status: pending, violates: [transition, pagination]}]",
        "api: clado\nresults: {count: 9}\nprogression: [{status: processing, results: 5, after: {polls: 1}},"
        " {status: processing, results: 4, violates: [pagination]}]",
        "api: clado\nprogression: [{status: completed, pages: {empty: [1]}, violates: [pagination]}]",
        "api: clado\nprogression: [{status: pending, after: {polls: 1}}, {status: pending}]",
        "api: orbit\nprogression: [{status: not_found, after: {polls: 1}}, {status: running}]",
        "api: orbit\nrun_shape: candidate_discovery\nprogression: [{status: running, body: {result: null}}]",
        "api: orbit\nswitches: {not_found_body: run}\nprogression: [{status: not_found}]",
        "api: clado\nmore: {count: 5}\nprogression: [{status: completed}]",
        "api: clado\nswitches: {search_incomplete: true}\nprogression: [{status: completed}]",
        "api: orbit\nswitches: {section_status: true}\nprogression: [{status: completed}]",
    ],
)
def test_declared_is_allowed(text: str) -> None:
    """A step may break what it declares in `violates`, and needs no declaration for what the API allows."""
    assert judged(text) == []


def test_statuses_may_be_skipped_but_not_reordered() -> None:
    """Each illegal transition of a progression is reported at its own step."""
    text = (
        "api: orbit\nprogression: [{status: completed, after: {polls: 1}}, "
        "{status: generating_sections, after: {polls: 1}}, {status: running}]"
    )
    found = [(pointer, message.partition(" (")[0]) for _, pointer, message in judged(text) if "follow" in message]
    assert found == [
        ("/progression/1/status", "'generating_sections' can't follow 'completed'"),
        ("/progression/2/status", "'running' can't follow 'generating_sections'"),
    ]


def test_problems_come_in_the_order_of_the_file() -> None:
    """Problems of different kinds are sorted by their place, all of them at once."""
    text = (
        "version: 1\napi: clado\nprogression:\n"
        "  - status: processing\n    pages: {total: 1}\n    after: {polls: 1}\n"
        "  - status: pending\n    after: {polls: 1}\n"
        "  - status: completed\n    body: {total_filtered: x}\n"
    )
    found = check_scenario(scenario.from_text(text))[1]
    assert [problem.position for problem in found] == [(5, 12), (7, 13), (10, 28)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("version: 1\napi: clado\nresults: {count: 1e1}\nprogression: [{status: completed}]", "yaml"),
        ("version: 1\napi: clado\nprogression: [{status: completed, results: 2.0}]", "yaml"),
        ("version: 1\napi: clado\nprogression: [{status: completed, body: {x: " + "9" * 30 + "}}]", "yaml"),
        (
            '{"version": 1, "api": "clado", "progression": [{"status": "completed", "body": {"message": "\\ud800"}}]}',
            "json",
        ),
    ],
    ids=["count 1e1", "results 2.0", "integer over 64 bits", "half a surrogate pair"],
)
def test_odd_values_end_in_words(text: str, form: str) -> None:
    """An unusual value is played or refused with a ScenarioError, and never crashes."""
    with suppress(ScenarioError):
        assert check_scenario(scenario.from_text(text, form=form))[0].stages


def test_deep_objects_end_in_words() -> None:
    """An object that is nested too deeply is refused with a ScenarioError, like text."""
    body: dict[str, Any] = {}
    for _ in range(300):
        body = {"deeper": body}
    value = {"version": 1, "api": "clado", "progression": [{"status": "completed", "body": body}]}
    with pytest.raises(ScenarioError, match="deeper than 64 levels"):
        check_scenario(scenario.from_mapping(value))


MORE = "api: clado\nresults: {count: 9}\nprogression: [{status: completed}]\nmore:\n  count: 5\n  progression:\n"


@pytest.mark.parametrize(
    ("steps", "pointer", "says"),
    [
        (["status: completed, body: {message: 5}"], "0/body/message", "violates: [schema]"),
        (["status: completed, pages: {empty: [1]}"], "0/pages", "violates: [pagination]"),
        (["status: processing, results: 8, after: {polls: 1}", "status: completed"], "0/results", "from 9 to 8"),
        (
            ["status: processing, results: 12, after: {polls: 1}", "status: completed, results: 11"],
            "1/results", "from 12 to 11",
        ),
        (["status: completed, after: {polls: 1}", "status: pending"], "1/status", "can't follow"),
    ],
)  # fmt: skip
def test_continuation_is_judged_like_the_job(steps: list[str], pointer: str, says: str) -> None:
    """The bodies, pages, results and statuses of `more` must be legal, and results may not become fewer."""
    found = judged(MORE + "".join(f"    - {{{step}}}\n" for step in steps))
    there = [(severity, message) for severity, place, message in found if place == f"/more/progression/{pointer}"]
    assert len(there) == 1, found
    assert there[0][0] == "error" and says in there[0][1]
    assert all(place.startswith("/more/progression/") for _, place, _ in found)


@pytest.mark.parametrize(
    "steps",
    [
        ["status: completed"],
        ["status: pending, after: {polls: 2}", "status: processing, results: 9"],
        ["status: processing, results: 14, after: {polls: 1}", "status: completed"],
        ["status: processing, results: 8, violates: [pagination], after: {polls: 1}", "status: completed"],
        ["status: completed, body: {final_results_count: many}, violates: [schema]"],
    ],
)
def test_continuation_that_is_legal_or_declared_has_no_problem(steps: list[str]) -> None:
    """A continuation that keeps the earlier people, or declares what it breaks, has no problem."""
    assert judged(MORE + "".join(f"    - {{{step}}}\n" for step in steps)) == []


@pytest.mark.parametrize(
    ("text", "pointer", "near"),
    [
        ("api: clado\nprogression: [{status: completed, omit: [mesage]}]", "/progression/0/omit", "'message'"),
        ("api: orbit\nprogression: [{status: running, omit: [resutl]}]", "/progression/0/omit", "'result'"),
        (MORE + "    - {status: completed, omit: [mesage]}", "/more/progression/0/omit", "'message'"),
        ("api: clado\nprogression: [{status: completed, omit: [zzzzzzzz]}]", "/progression/0/omit", None),
    ],
)
def test_omitted_member_that_no_document_lists(text: str, pointer: str, near: str | None) -> None:
    """Omitting a member that no document lists is a warning with the nearest listed one."""
    [(severity, place, message)] = judged(text)
    assert (severity, place) == ("warning", pointer)
    assert message.startswith("No document lists ")
    assert message.endswith(f"Did you mean {near}?" if near else "nothing to omit.")


def test_omitted_member_that_is_listed_is_no_warning() -> None:
    """Omitting a member that the document lists has no warning."""
    assert judged("api: clado\nprogression: [{status: completed, omit: [message], violates: [schema]}]") == []


@pytest.mark.parametrize(("members", "pointer"), [
    ({"results": Results(count=10_001)}, "/results/count"),
    ({"more": More(count=10_001)}, "/more/count"),
    ({"progression": (Step(status="completed", results=10_001),)}, "/progression/0/results"),
])  # fmt: skip
def test_too_many_people(members: dict[str, Any], pointer: str) -> None:
    """A scenario made in Python has at most as many people as the schema allows in a file."""
    made = scenario.from_mapping({"version": 1, "api": "clado", "progression": [{"status": "completed"}]})
    problems = check_scenario(replace(made, **members))[1]
    assert [(problem.pointer, problem.message) for problem in problems if problem.severity == "error"] == [
        (pointer, "A scenario has at most 10000 people, not 10001."),
    ]  # fmt: skip
