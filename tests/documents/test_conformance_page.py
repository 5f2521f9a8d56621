"""The page of the conformance suite agrees with the suite: its tables, its results, its examples."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.api_facts import OWN
from tests.documents import conformance
from tests.documents.reading import blocks, tables
from tests.documents.running import run

from jobmock import resources
from jobmock.conformance.expected_failures import read_expected_failures
from jobmock.conformance.scorecard import RESULTS
from jobmock.conformance.suite import load_suite

PAGE = "mockserver/CONFORMANCE.md"
EXAMPLES = Path(__file__).parents[1] / "examples" / "conformance"
SCHEMA = json.loads((resources.folder("schemas") / "conformance.schema.json").read_text("utf-8"))["definitions"]


def test_tables_of_cases_are_made_from_the_data() -> None:
    """The tables of the cases are those that `python -m tests.documents` writes."""
    text = conformance.PAGE.read_text("utf-8")
    assert conformance.written(text) == text
    assert all(f"### {api.capitalize()}: {len(load_suite(api).cases)} cases" in text for api in OWN)


def test_each_result_has_a_row() -> None:
    """The table of results has each result that a case can have, and no other."""
    assert sorted(row[0].strip("`") for row in tables(PAGE, "Results")[0][1:]) == sorted(RESULTS)


@pytest.mark.parametrize(("number", "name"), [(0, "case"), (1, "expect")])
def test_each_key_has_a_row(number: int, name: str) -> None:
    """Each key of a case, and of what it expects, has a row, and no row has another."""
    rows = tables(PAGE, "Your own cases")[number][1:]
    named = [word.strip("` ") for row in rows for word in row[0].split(",")]
    assert set(named) == set(SCHEMA[name]["properties"])


@pytest.mark.parametrize(
    ("page", "title", "part"),
    [(PAGE, "Use it", ""), ("README.md", "One minute: how good is your client?", "--case completed")],
)
def test_the_commands_play_the_suite(page: str, title: str, part: str, tmp_path: Path) -> None:
    """The commands of the pages run the reference client, which conforms; that of the README is tried with one case."""
    shutil.copy(EXAMPLES / "client.py", tmp_path)
    (script,) = blocks(page, "sh", title)
    printed = run(script.replace(" -- ", f" {part} -- "), tmp_path)
    assert "The client conforms in all that was judged: " in printed


def test_examples_are_accepted(tmp_path: Path) -> None:
    """The page's own case, and its expected failure, are read without an error."""
    expected, case = blocks(PAGE, "yaml")
    (tmp_path / "own.yaml").write_text(case, "utf-8")
    suite = load_suite("clado", [tmp_path])
    assert suite.cases[-1].id == "long-queue"
    (tmp_path / "known.yaml").write_text(expected, "utf-8")
    assert read_expected_failures(tmp_path / "known.yaml", suite.cases)[0].case == "retry-after-date"
