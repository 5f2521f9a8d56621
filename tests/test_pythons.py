"""`python -m tests.pythons`: the interpreters that it finds, its output and its exit codes."""

from __future__ import annotations

import sys
import tomllib
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from tests.pythons import __main__ as command
from tests.pythons import chroot, finding, running
from tests.pythons.finding import ROOT, Interpreter
from tests.pythons.running import Outcome, read_outcome

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INNER = "= short test summary info =\nFAILED test_sample.py::inner\n= 4 failed in 2s =\n"
OLD, NEW = Interpreter("3.12.1", "/old"), Interpreter("3.13.0", "/new")


def write_script(path: Path, text: str) -> Path:
    """Write a shell script that ignores its arguments."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_oldest_supported_python_is_the_one_that_is_required() -> None:
    """The classifiers begin with the version in `requires-python`, and no version between is missing."""
    versions = finding.supported()
    assert PROJECT["requires-python"] == f">={versions[0]}"
    assert versions == tuple(f"3.{minor}" for minor in range(11, 11 + len(versions)))


def test_the_workflow_runs_every_supported_python() -> None:
    """The workflow runs all supported versions on Linux, and the oldest and the newest on other systems."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["suite"]["strategy"]["matrix"]
    assert tuple(matrix["python"]) == finding.supported()
    for system in ("macos-latest", "windows-latest"):
        chosen = [row["python"] for row in matrix["include"] if row["system"] == system]
        assert chosen == [finding.supported()[0], finding.supported()[-1]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("echo CPython 3.12.1 None", ["3.12.1"]),
        ("echo CPython 3.14.2 0", ["3.14.2"]),
        ("echo CPython 3.10.9 None", []),
        ("echo CPython 3.14.0rc1 0", []),
        ("echo CPython 3.14.2 1", []),
        ("echo PyPy 3.11.9 None", []),
        ("echo pyenv: command not found >&2; exit 127", []),
        ("exit 0", []),
    ],
    ids=["final", "with its lock", "too old", "candidate", "free-threaded", "PyPy", "a shim that fails", "silent"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="The interpreters here are shell scripts.")
def test_only_final_supported_cpythons_are_found(tmp_path: Path, text: str, found: list[str]) -> None:
    """Only final releases of supported CPythons with a GIL are found."""
    path = write_script(tmp_path / "python", text)
    assert [interpreter.version for interpreter in finding.interpreters([path])] == found


@pytest.mark.skipif(sys.platform == "win32", reason="The interpreters here are shell scripts.")
def test_pyenv_and_the_path_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyenv's interpreters come before those on the PATH; each version is found once, in ascending order."""
    for name, folder, version in (("python3.13", "a", "3.13.2"), ("python3.12", "b", "3.12.9")):
        place = tmp_path / "versions" / folder / "bin"
        place.mkdir(parents=True)
        write_script(place / name, f"echo CPython {version} None")
    write_script(tmp_path / "python3.13", "echo CPython 3.13.2 None")
    write_script(tmp_path / "python3.11", "echo CPython 3.11.4 None")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    found = finding.interpreters()
    assert [interpreter.version for interpreter in found] == ["3.11.4", "3.12.9", "3.13.2"]
    assert found[2].path == str(tmp_path / "versions" / "a" / "bin" / "python3.13")


@pytest.mark.parametrize(
    ("code", "output", "summary", "failed"),
    [
        (0, "....\n186 passed, 2 skipped in 3.10s\n", "186 passed, 2 skipped", False),
        (1, "FAILED tests/a.py::b - x\n1 failed, 2 passed in 1s\n", "1 failed, 2 passed", True),
        (1, f"{INNER}= short test summary info =\nFAILED tests/a.py::b\n= 1 failed in 1s =\n", "1 failed", True),
        (1, "ERROR tests/a.py::b\n1 error in 1s\n", "1 error", True),
        (5, "no tests ran in 0.01s\n", "no tests ran", True),
        (-11, "Fatal Python error: Segmentation fault\n", "ended with -11 and no counts", True),
    ],
)
def test_the_printed_outcome(code: int, output: str, summary: str, failed: bool) -> None:
    """The counts come from pytest's last line, the failed tests are named, and a run without tests has failed."""
    outcome = read_outcome("3.12.1", code, output, 61.4)
    failures = [f"  {line}" for line in output.splitlines() if line.startswith(("FAILED tests", "ERROR"))]
    assert outcome.lines() == [f"3.12.1   {summary} in 61 s", *failures]
    assert outcome.failed == failed


@pytest.mark.skipif(sys.platform == "win32", reason="The interpreter here is a shell script.")
def test_an_environment_that_cannot_be_made(tmp_path: Path) -> None:
    """If no environment can be made, the run has failed, and the summary names the file that says why."""
    broken = Interpreter("3.12.1", str(write_script(tmp_path / "python", "echo there is no venv; exit 1")))
    outcome = running.run_tests(broken, ["tests"], tmp_path / "kept")
    assert outcome.failed
    assert outcome.summary == f"has no environment (see {tmp_path / 'kept' / '3.12.1.txt'})"
    assert (tmp_path / "kept" / "3.12.1.txt").read_text() == "there is no venv\n"


@pytest.mark.parametrize(
    ("arguments", "failing", "ran", "code"),
    [
        ([], (), ["3.12.1", "3.13.0"], 0),
        ([], ("3.12.1",), ["3.12.1", "3.13.0"], 1),
        (["--only", "3.13"], ("3.12.1",), ["3.13.0"], 0),
        (["--only", "3.12.1", "tests/a"], (), ["3.12.1"], 0),
        (["--only", "3.14"], (), [], 2),
        (["--folder", "x"], (), [], 2),
        (["--at-once", "2"], ("3.12.1",), ["3.12.1", "3.13.0"], 1),
        (["--at-once", "0"], (), [], 2),
    ],
)
def test_versions_and_exit_codes(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], failing: tuple[str, ...], ran: list[str], code: int
) -> None:
    """All interpreters are run even if one fails, which exits with 1; an unknown version exits with 2."""

    def outcome(interpreter: Interpreter, given: tuple[str, ...]) -> Outcome:
        assert given == (("tests/a",) if "tests/a" in arguments else ())
        version = interpreter.version
        return Outcome(version=version, summary="1 passed", seconds=1, failed=version in failing)

    monkeypatch.setattr(finding, "interpreters", lambda: [OLD, NEW])
    monkeypatch.setattr(running, "run_tests", outcome)
    result = CliRunner().invoke(command.main, arguments)
    assert [line.split()[0] for line in result.output.splitlines() if line.startswith("3.")] == ran
    assert result.exit_code == code


def test_the_interpreters_of_the_chroot_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--chroot` adds interpreters; a version that the system has too is run once, outside the chroot."""
    inside = [Interpreter("3.14.1", "/usr/bin/python3.14", ("enter",)), Interpreter(NEW.version, "/inside", ("enter",))]
    ran: list[Interpreter] = []

    def outcome(interpreter: Interpreter, given: tuple[str, ...]) -> Outcome:
        ran.append(interpreter)
        return Outcome(version=interpreter.version, summary="1 passed", seconds=1, failed=False)

    monkeypatch.setattr(finding, "interpreters", lambda: [OLD, NEW])
    monkeypatch.setattr(chroot, "chroot", lambda folder: nullcontext(inside))
    monkeypatch.setattr(running, "run_tests", outcome)
    assert CliRunner().invoke(command.main, ["--chroot"]).exit_code == 0
    assert ran == [OLD, NEW, inside[0]]


def test_no_other_interpreter_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """If `--others` finds no other version, it says so and exits with 0."""
    own = Interpreter(".".join(map(str, sys.version_info[:3])), sys.executable)
    monkeypatch.setattr(finding, "interpreters", lambda: [own])
    result = CliRunner().invoke(command.main, ["--others", "tests"])
    assert (result.exit_code, result.output) == (0, "No other supported CPython was found.\n")
