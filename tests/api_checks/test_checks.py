"""The checks of an API as a whole: correct ones are clean, and those that can't be used are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.api_checks.copies import copy_of_toast, lint
from tests.apis.distributions import TOAST, distribute, run_python
from tests.support import call

from jobmock import apis
from jobmock.api_checks.checks import CHECKS


@pytest.mark.parametrize("api", apis.names())
def test_own_apis_are_clean(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is wrong with jobmock's own APIs, not even as a warning."""
    assert call(capsys, "lint", "--api", api, "--strict") == (0, "", "1 API checked, no problems found.\n")


def test_toast_is_clean() -> None:
    """Nothing is wrong with the API of the example."""
    ran = lint(TOAST / "toast_api", "--strict")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "1 API checked, no problems found.\n")


def test_apis_and_files_are_checked_together(tmp_path: Path) -> None:
    """Several APIs and files can be named in one command, which counts them."""
    (tmp_path / "wrong.yaml").write_text("version: 1\napi: toast\nprogression: [{status: tosted}]\n")
    ran = lint(TOAST / "toast_api", "--api", apis.names()[0], str(tmp_path / "wrong.yaml"))
    assert (ran.returncode, ran.stderr) == (2, "2 APIs and 1 file checked, 1 problem found.\n")


def test_findings_as_json(tmp_path: Path) -> None:
    """`--format json` has the file, the JSON Pointer to the member of `API`, the severity and the message."""
    package = copy_of_toast(tmp_path)
    code = package / "__init__.py"
    code.write_text(code.read_text().replace('"toasted": "all"', '"toasted": "kept"'))
    ran = lint(package, "--format", "json")
    rows = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr) == (2, "")
    assert rows[0] == {
        "file": str(code), "line": None, "column": None, "pointer": "/API/shows", "severity": "error",
        "message": "There is no success: a status without a following one, which shows 'all' results.",
    }  # fmt: skip


def test_what_needs_a_table_is_left_out(tmp_path: Path) -> None:
    """What follows from a mistake in a table isn't reported again: a note names it, and isn't counted."""
    package = copy_of_toast(tmp_path)
    code = package / "__init__.py"
    code.write_text(code.read_text().replace(', "burnt": "nobody"', ""))
    ran = lint(package)
    error, note = ran.stdout.splitlines()
    assert ": error: `shows` doesn't say" in error
    assert note.endswith("note: Not checked because of these errors: answers, starts, results, scenarios, "
                         "coverage table.")  # fmt: skip
    assert ran.stderr == "1 API checked, 1 problem found.\n"


def test_each_check_needs_earlier_ones() -> None:
    """The checks that a check needs stand before it in the table."""
    for number, check in enumerate(CHECKS):
        assert set(check.needs) <= {earlier.about for earlier in CHECKS[:number]}


BROKEN = {
    "raise KeyError('tier')": "KeyError: 'tier'",
    "import nothing_at_all": "ModuleNotFoundError: No module named 'nothing_at_all'",
    "API = 3": "toast_api.API is no jobmock.dialect.api.Api",
    "def": "SyntaxError",
}


@pytest.mark.parametrize("code", BROKEN)
def test_an_api_that_cannot_be_imported(code: str, tmp_path: Path) -> None:
    """The reason is a finding at the file, as for a scenario that can't be read."""
    package = copy_of_toast(tmp_path)
    (package / "__init__.py").write_text(code)
    ran = lint(package)
    assert ran.returncode == 2
    place = f"{package / '__init__.py'}:1:1: error: The API 'toast' of toast-api 1.0 can't be used"
    assert ran.stdout.startswith(place) and BROKEN[code] in ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_package_that_is_not_there(tmp_path: Path) -> None:
    """An entry point that names no package is a finding at the name of the module."""
    distribute(tmp_path, "bakery", {"bread": "bakery"})
    (tmp_path / "bakery" / "__init__.py").unlink()
    (tmp_path / "bakery").rmdir()
    ran = run_python("-m", "jobmock", "lint", "--api", "bread", places=[tmp_path])
    assert ran.returncode == 2
    assert ran.stdout.startswith("bakery:1:1: error: The API 'bread' of bakery 1.0 can't be used. ModuleNotFoundError")


def test_apis_that_clash(tmp_path: Path) -> None:
    """Of two APIs that can't be told apart, each is refused with what both have."""
    package = copy_of_toast(tmp_path)
    code = (package / "__init__.py").read_text().replace('name="toast"', 'name="grill"')
    distribute(tmp_path / "other", "grill-api", {"grill": "grill_api"}, code)
    (tmp_path / "other" / "grill_api" / "schemas").symlink_to(package / "schemas")
    for api in ("toast", "grill"):
        ran = run_python("-m", "jobmock", "lint", "--api", api, places=[package.parent, tmp_path / "other"])
        assert ran.returncode == 2
        assert "can't be used together. Both have a route for the same requests: /toasts" in ran.stdout


def test_names_that_there_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown API is refused with those that there are. A command without anything to check says what it takes."""
    names = ", ".join(apis.names())
    code, out, err = call(capsys, "lint", "--api", f"{apis.names()[0]}x")
    assert (code, out) == (2, "") and f"Allowed: {names}. Did you mean '{apis.names()[0]}'?" in err
    code, out, err = call(capsys, "lint")
    assert (code, out) == (2, "") and "Missing argument 'FILE...', or an API: --api NAME." in err


FAILING_IMPORTS = {
    "tables.py:3:1": ("tables.py", "A = 1\n\nB = A['x']\n", "TypeError: 'int' object is not subscriptable."),
    "tables.py:2:1": ("tables.py", "A = []\nB = next(iter(A))\n", "StopIteration, raised by `B = next(iter(A))`."),
    "tables.py:4:1": ("tables.py", "A = 1\nB = 2\n\ndef\n", "SyntaxError: invalid syntax."),
    "answers.json:2:1": ("answers.json", '{"a":\n}', "JSONDecodeError: Expecting value: line 2 column 1 (char 6)."),
}
_READS_DATA = (
    "import json, pathlib\n"
    "ANSWERS = json.loads((pathlib.Path(__file__).parent / 'answers.json').read_text())\n"
)


@pytest.mark.parametrize("place", FAILING_IMPORTS)
def test_a_failing_import_names_its_line(place: str, tmp_path: Path) -> None:
    """The place is the line of the package's own module that fails, or that of its data which is no JSON."""
    package = copy_of_toast(tmp_path)
    (package / "__init__.py").write_text("from . import tables\n")
    (package / "tables.py").write_text(_READS_DATA)
    name, text, what = FAILING_IMPORTS[place]
    (package / name).write_text(text)
    found = lint(package).stdout
    assert found.startswith(f"{package}/{place}: error: The API 'toast' of toast-api 1.0 can't be used at toast_api/")
    assert found.endswith(f". {what}\n") and found.count("\n") == 1
