"""`jobmock list`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support import call

from jobmock.catalogue import Catalogue

OWN = "version: 1\napi: clado\nsummary: {}\nprogression: [{{status: completed}}]\n"


def test_table_is_one_line_for_each_scenario_in_the_order_of_the_names(
    capsys: pytest.CaptureFixture[str], catalogue: Catalogue
) -> None:
    """Name, padded to the longest, then the summary; bundled ones carry no source; nothing on stderr."""
    called = call(capsys, "list")
    width = max(map(len, catalogue.names()))
    wanted = [f"{entry.name:<{width}}  {entry.scenario.summary}" for entry in catalogue.entries()]
    assert (called.code, called.err) == (0, "")
    assert called.out.splitlines() == wanted == sorted(wanted)


def test_json_has_name_api_summary_and_source(capsys: pytest.CaptureFixture[str], catalogue: Catalogue) -> None:
    """`--format json` is one array with exactly these four members for each scenario."""
    called = call(capsys, "list", "--format", "json")
    rows = json.loads(called.out)
    assert (called.code, called.err) == (0, "")
    assert [row["name"] for row in rows] == catalogue.names()
    assert rows[0] == {
        "name": "clado/at-once", "api": "clado", "summary": "Done before the first poll.", "source": "bundled",
    }  # fmt: skip
    assert {tuple(row) for row in rows} == {("name", "api", "summary", "source")}
    assert all(row["summary"] and row["name"].startswith(f"{row['api']}/") for row in rows)


def test_own_scenarios_stand_beside_the_bundled_with_their_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, catalogue: Catalogue
) -> None:
    """`--scenarios DIR` adds its files: in an API's folder under that name, else with the API's name in front."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two" / "clado").mkdir(parents=True)
    mine, other = tmp_path / "one" / "mine.yaml", tmp_path / "two" / "clado" / "other.yml"
    mine.write_text(OWN.format("Mine – ü"))
    other.write_text(OWN.format("Other"))
    folders = ("--scenarios", mine.parent, "--scenarios", tmp_path / "two")
    rows = json.loads(call(capsys, "list", "--format", "json", *folders).out)
    own = [row for row in rows if row["source"] != "bundled"]
    assert own == [
        {"name": "clado/mine", "api": "clado", "summary": "Mine – ü", "source": str(mine)},
        {"name": "clado/other", "api": "clado", "summary": "Other", "source": str(other)},
    ]
    assert len(rows) == len(catalogue.names()) + 2
    lines = call(capsys, "list", *folders).out.splitlines()
    (line,) = (line for line in lines if line.startswith("clado/mine "))
    assert line.endswith(f"  Mine – ü  [{mine}]")


def test_own_scenario_goes_before_a_bundled_one_of_its_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, catalogue: Catalogue
) -> None:
    """A user's `usual.yaml` replaces `clado/usual` in the list."""
    (tmp_path / "usual.yaml").write_text(OWN.format("Mine."))
    rows = json.loads(call(capsys, "list", "--format", "json", "--scenarios", tmp_path).out)
    assert [row["summary"] for row in rows if row["name"] == "clado/usual"] == ["Mine."]
    assert len(rows) == len(catalogue.names())


def test_broken_file_names_itself_and_stops_no_other(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A file that can't be played is on stderr with line and column, and absent from stdout; the exit code is 0."""
    broken, fine = tmp_path / "broken.yaml", tmp_path / "fine.yaml"
    broken.write_text(OWN.format("Broken") + "bogus: 1\n")
    fine.write_text(OWN.format("Fine"))
    called = call(capsys, "list", "--scenarios", tmp_path)
    assert called.code == 0
    assert called.err.startswith(f"{broken}:5:1: error: Unknown key 'bogus'.")
    assert called.err.count("\n") == 1
    assert "clado/fine" in called.out
    assert "clado/broken" not in called.out


def test_folder_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A missing folder, or a file in its place, ends with 2 and quotes the path."""
    file = tmp_path / "file.yaml"
    file.write_text(OWN.format("x"))
    for path in (tmp_path / "missing", file):
        called = call(capsys, "list", "--scenarios", path)
        assert called == (2, "", f"jobmock: {str(path)!r} is not a folder with scenarios.\n")


def names(capsys: pytest.CaptureFixture[str], *args: object) -> list[str]:
    """Return the names that `jobmock list ARGS` lists."""
    return [row["name"] for row in json.loads(call(capsys, "list", "--format", "json", *args).out)]


def test_a_word_is_searched_in_names_and_summaries(capsys: pytest.CaptureFixture[str], catalogue: Catalogue) -> None:
    """`list WORD` has exactly the scenarios with the word in name or summary, in capitals or not."""
    rows = {entry.name: entry.scenario.summary for entry in catalogue.entries()}
    wanted = [name for name, summary in rows.items() if "credit" in f"{name} {summary}".lower()]
    assert 0 < len(wanted) < len(rows)
    assert any("credit" not in name for name in wanted)
    assert names(capsys, "credit") == names(capsys, "CREDIT") == wanted
    listed = [line.split()[0] for line in call(capsys, "list", "credit").out.splitlines()]
    assert listed == wanted


def test_the_list_of_one_api(capsys: pytest.CaptureFixture[str], catalogue: Catalogue) -> None:
    """`--api` leaves out the scenarios of the other API, with and without a word."""
    assert names(capsys, "--api", "orbit") == [name for name in catalogue.names() if name.startswith("orbit/")]
    assert names(capsys, "--api", "orbit", "slow") == [
        name for name in names(capsys, "slow") if name.startswith("orbit/")
    ]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("slwo",), "No scenario has 'slwo' in its name or summary. Did you mean 'clado/slow' or 'orbit/slow'?"),
        (
            ("slwo", "--api", "orbit"),
            "No scenario of orbit has 'slwo' in its name or summary. Did you mean 'orbit/slow'?",
        ),
        (("orbit/two-pages",), "No scenario has 'orbit/two-pages' in its name or summary."),
        (("zzzzzz",), "No scenario has 'zzzzzz' in its name or summary."),
    ],
)
def test_a_word_that_no_scenario_has(
    capsys: pytest.CaptureFixture[str], args: tuple[str, ...], says: str
) -> None:
    """The list is empty, and stderr has a similar name where there is one, never one of another API."""
    assert call(capsys, "list", *args) == (0, "", f"jobmock: {says}\n")
    assert call(capsys, "list", "--format", "json", *args).out == "[]\n"
