"""`jobmock lint`: what it reports, in which form, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import HANGS, call

GOOD = "version: 1\napi: clado\nprogression: [{status: completed}]\n"
WARNED = "version: 1\napi: clado\nprogression:\n  - {status: completed, violates: [schema]}\n"
WARNING = "The step declares `violates: [schema]`, but its body obeys the contract."
BROKEN = "version: 1\napi: clado\nprogression: [{status: completed}]\nprogression: []\n"
MISSING = "There is no such file."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a good file and one that has a warning."""
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "warned.yaml").write_text(WARNED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_good_file_gives_nothing_on_stdout(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Nothing wrong: 0, an empty stdout, and the count on stderr."""
    assert call(capsys, "lint", "good.yaml") == (0, "", "1 file checked, no problems found.\n")


def test_text_is_place_severity_and_message(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """One line for each problem, `file:line:column: severity: message`, in the order of the files given."""
    called = call(capsys, "lint", "warned.yaml", "good.yaml", "missing.yaml")
    assert called == (
        2,
        f"warned.yaml:4:5: warning: {WARNING}\nmissing.yaml:1:1: error: {MISSING}\n",
        "3 files checked, 2 problems found.\n",
    )


def test_json_is_one_array_of_problems(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """`--format json` says the same as data, with the JSON Pointer, and puts nothing on stderr."""
    called = call(capsys, "lint", "--format", "json", "warned.yaml", "missing.yaml")
    assert (called.code, called.err) == (2, "")
    assert json.loads(called.out) == [
        {
            "file": "warned.yaml", "line": 4, "column": 5, "pointer": "/progression/0",
            "severity": "warning", "message": WARNING,
        },
        {
            "file": "missing.yaml", "line": 1, "column": 1, "pointer": "",
            "severity": "error", "message": MISSING,
        },
    ]  # fmt: skip
    assert call(capsys, "lint", "--format", "json", "good.yaml") == (0, "[]\n", "")


def test_json_files_problem_of_shape_has_a_pointer_and_no_line(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """Problems of a `.json` scenario have only a JSON Pointer as their place, in every form."""
    (folder / "own.json").write_text('{"version": 1, "api": "clado", "progression": [{"status": "compleed"}]}')
    (row,) = json.loads(call(capsys, "lint", "--format", "json", "own.json").out)
    assert (row["file"], row["line"], row["column"]) == ("own.json", None, None)
    assert row["pointer"] == "/progression/0/status"
    assert call(capsys, "lint", "own.json").out.startswith("own.json#/progression/0/status: error: ")
    assert call(capsys, "lint", "--format", "github", "own.json").out.startswith("::error file=own.json::")


def test_github_is_workflow_commands(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """`--format github` prints one annotation for each problem, and nothing else."""
    called = call(capsys, "lint", "--format", "github", "warned.yaml", "missing.yaml", "good.yaml")
    assert called == (
        2,
        f"::warning file=warned.yaml,line=4,col=5::{WARNING}\n::error file=missing.yaml,line=1,col=1::{MISSING}\n",
        "",
    )


def test_github_escapes_what_would_end_a_property_or_a_message(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """`%`, `:` and `,` in a file's name and `%` and line ends in a message are written as `%XX`."""
    name = "50%,a:b.yaml"
    (folder / name).write_text(GOOD + '"90%\\r\\n": 1\n')
    (line,) = call(capsys, "lint", "--format", "github", name).out.splitlines()
    assert line.startswith("::error file=50%25%2Ca%3Ab.yaml,line=4,col=1::Unknown key ")
    message = line.partition("col=1::")[2]
    assert "90%25" in message
    assert "%3A" not in message


def test_warnings_dont_fail_unless_strict(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A warning alone ends with 0; with `--strict` it ends with 2 and is still called a warning."""
    loose, strict = call(capsys, "lint", "warned.yaml"), call(capsys, "lint", "--strict", "warned.yaml")
    assert (loose.code, strict.code) == (0, 2)
    assert loose.out == strict.out == f"warned.yaml:4:5: warning: {WARNING}\n"
    assert call(capsys, "lint", "--strict", "good.yaml").code == 0


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_exit_code_is_the_same_in_every_form(
    capsys: pytest.CaptureFixture[str], folder: Path, form: str
) -> None:  # fmt: skip
    """0 without errors and 2 with one, whatever the form."""
    (folder / "broken.yaml").write_text(BROKEN)
    assert call(capsys, "lint", "--format", form, "good.yaml", "warned.yaml").code == 0
    assert call(capsys, "lint", "--format", form, "good.yaml", "broken.yaml").code == 2
    assert call(capsys, "lint", "--format", form, "--strict", "good.yaml", "warned.yaml").code == 2


def test_one_broken_file_hides_no_other(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Every file is checked, also after one that isn't even YAML."""
    (folder / "a.yaml").write_text("{")
    (folder / "b.yaml").write_bytes(b"\xff")
    (folder / "c.yaml").write_text(BROKEN)
    called = call(capsys, "lint", "a.yaml", "b.yaml", "c.yaml", "d.yaml")
    assert called.code == 2
    assert [line.partition(":")[0] for line in called.out.splitlines()] == ["a.yaml", "b.yaml", "c.yaml", "d.yaml"]


def test_folder_stands_for_the_scenario_files_below_it(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Files of all three suffixes at any depth are checked, hidden and other ones aren't; a file named is, always."""
    deep = folder / "deep" / "er"
    deep.mkdir(parents=True)
    for name in ("x.yaml", "x.yml", "x.json", "x.txt", ".x.yaml"):
        (deep / name).write_text("[")
    called = call(capsys, "lint", ".")
    assert called.err == "5 files checked, 4 problems found.\n"
    assert {line.partition(":")[0] for line in called.out.splitlines()} == {
        "deep/er/x.json", "deep/er/x.yaml", "deep/er/x.yml", "warned.yaml",
    }  # fmt: skip
    assert call(capsys, "lint", deep / "x.txt").code == 2


def test_bundled_scenarios_have_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Every file of `scenarios/` is checked and can be played."""
    scenarios = Path(__file__).parents[2] / "scenarios"
    count = sum(1 for _ in scenarios.rglob("*.yaml"))
    called = call(capsys, "lint", scenarios)
    assert called.code == 0, called.out
    assert called.err.startswith(f"{count} files checked, ")
    assert ": error: " not in called.out


def test_problem_is_said_once(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A member that no document lists is one warning, even if several answers of the step show it."""
    (folder / "more.yaml").write_text(GOOD.replace("completed", "completed, body: {extra_member: 1}"))
    lines = call(capsys, "lint", "more.yaml").out.splitlines()
    assert len(lines) == 1, lines


def test_progress_is_shown_on_a_terminal_only(folder: Path) -> None:
    """A terminal at stderr sees a bar there, a pipe doesn't; stdout never does."""
    pty = pytest.importorskip("pty", reason="This system has no such terminals.")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "jobmock", "lint", "warned.yaml"]
    env = {**os.environ, "TERM": "xterm"}
    watched = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, env=env, timeout=HANGS, check=True)
    os.close(theirs)
    seen = os.read(ours, 65536)
    os.close(ours)
    piped = subprocess.run(command, capture_output=True, env=env, timeout=HANGS, check=True)
    assert b"Checking" in seen
    assert b"100%" in seen
    assert piped.stderr == b"1 file checked, 1 problem found.\n"
    assert watched.stdout == piped.stdout == f"warned.yaml:4:5: warning: {WARNING}\n".encode()


@pytest.mark.parametrize("argument", ["orbit", "orbit/lost.yaml", "."])
def test_file_in_the_folder_of_another_api_is_refused(
    capsys: pytest.CaptureFixture[str], folder: Path, argument: str
) -> None:
    """A file whose folder is called after another API is an error at its `api`, however the file is named."""
    (folder / "orbit").mkdir()
    (folder / "orbit" / "lost.yaml").write_text(GOOD)
    called = call(capsys, "lint", argument)
    said = "orbit/lost.yaml:2:6: error: A scenario in the folder 'orbit' has `api: orbit`, not clado."
    assert called.code == 2
    assert said in called.out.splitlines()


def test_file_named_from_inside_its_folder_is_refused_too(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder counts also where the path that was given doesn't show it; the right one is no problem."""
    for name in ("orbit", "clado"):
        (folder / name).mkdir()
        (folder / name / "own.yaml").write_text(GOOD)
        monkeypatch.chdir(folder / name)
        assert call(capsys, "lint", "own.yaml").code == (2 if name == "orbit" else 0)


def test_folder_without_scenario_files_is_2(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Nothing to check is a mistake, not a success: 2, and the folders are named on stderr."""
    for name in ("none", "neither"):
        (folder / name).mkdir()
    (folder / "none" / "notes.md").write_text("nothing")
    assert call(capsys, "lint", "none") == (2, "", "jobmock: There are no scenario files in none.\n")
    called = call(capsys, "lint", "--format", "json", "none", "neither")
    assert called == (2, "", "jobmock: There are no scenario files in none, neither.\n")
    assert call(capsys, "lint", "none", "good.yaml").code == 0
