"""`jobmock new-api` writes a package whose tests pass at once, and refuses a name or a folder that can't be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.distributions.installed import installed
from tests.new_api.openapi_documents import JOB, answer, document, new_api
from tests.new_api.written_packages import check, install, run, write
from tests.support import call

from jobmock.errors import StartError
from jobmock.new_api.model import MARK
from jobmock.new_api.package_files import PLACEHOLDER, write_package
from jobmock.resources import package_file


def test_the_package_works_at_once(tmp_path: Path) -> None:
    """Its tests pass, its scenarios are fine, and the commands know its API as soon as it is installed."""
    package, _ = write(tmp_path, "quill_pen")
    site = check(package)
    listed = run("jobmock", "list", "--api", "quill_pen", cwd=tmp_path, site=site)
    assert (listed.stdout, listed.stderr) == ("quill_pen/usual  A job that succeeds.\n", "")
    shown = run("jobmock", "run", "--", "sh", "-c", "echo $QUILL_PEN_BASE_URL", cwd=tmp_path, site=site)
    assert shown.stdout.startswith("http://127.0.0.1:")


def test_its_tests_find_a_wrong_answer(tmp_path: Path) -> None:
    """A body that breaks its schema, and a status that no schema lists, make the package's tests fail."""
    package, _ = write(tmp_path, "quill")
    bodies = package / "jobmock_quill" / "answers.json"
    bodies.write_text(bodies.read_text().replace('"name": "an example"', '"name": 1').replace('"code"', '"kode"'))
    ran = run("pytest", "-q", cwd=package, site=install(package))
    failed = {*re.findall(r"FAILED .*::(\w+)", ran.stdout)}
    assert failed >= {"test_each_error_obeys_its_schema", "test_each_status_obeys_its_schema"}, ran.stdout


def test_every_gap_is_listed(tmp_path: Path) -> None:
    """The command prints file, line and text of each marked line of code and data, and the README has the same."""
    package, printed = write(tmp_path, "quill")
    _, heading, *lines = printed.splitlines()
    assert heading == "Gaps (guesses and examples) to fill:"
    marked = [
        f"{path.relative_to(tmp_path)}:{number}"
        for path in sorted((package / "jobmock_quill").rglob("*")) if path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1) if f"{MARK} " in line
    ]  # fmt: skip
    assert sorted(line.partition(": ")[0] for line in lines) == sorted(marked) and len(marked) > 5
    readme = (package / "README.md").read_text()
    assert all(f"- `{place.partition('/')[2]}`: " in readme for place in marked)


def test_nothing_of_the_placeholder_is_left(tmp_path: Path) -> None:
    """Every file and every text has the name of the API, in capitals where the template has capitals."""
    package, _ = write(tmp_path, "quill")
    files = [path for path in package.rglob("*") if path.is_file()]
    assert [path for path in files if PLACEHOLDER in f"{path.name}{path.read_text()}".lower()] == []
    template = [path for path in (package_file("new_api") / "template").rglob("*") if path.is_file()]
    assert len(files) == len([path for path in template if "__pycache__" not in path.parts])
    assert "QUILL_BASE_URL" in (package / "README.md").read_text()


@pytest.mark.parametrize("name", ["", "Quill", "9quill", "quill-pen", "quill/pen", "../quill", "quill_", "q" * 41, "é"])
def test_wrong_names(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    """A name that no API can have is refused with what is allowed, and nothing is written."""
    called = call(capsys, "new-api", "--output", tmp_path / "new", "--", name)
    assert (called.code, called.out) == (2, "")
    assert "Allowed: lower-case letters, digits and underscores, a letter first" in called.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "why"), [("clado", "There is an API 'clado' already"), ("class", "word of Python")])
def test_names_that_are_taken(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, why: str) -> None:
    """A name of an API that exists, or a word of Python, is refused."""
    called = call(capsys, "new-api", name, "--output", tmp_path / "new")
    assert called.code == 2 and why in called.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_there_stays(capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str) -> None:
    """A folder, a file or a link of that name is left as it is, and the error names it."""
    place = tmp_path / "new"
    if kind == "link":
        place.symlink_to(tmp_path / "nowhere")
    else:
        place.mkdir() if kind == "folder" else place.touch()
    called = call(capsys, "new-api", "quill", "--output", place)
    assert called.code == 2 and f"{str(place)!r} is there already" in called.err
    assert list(tmp_path.iterdir()) == [place] and (kind != "folder" or list(place.iterdir()) == [])


def test_a_folder_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A place below a file can't be written: the exit code is 3, the error names the place, and nothing is left."""
    (tmp_path / "file").touch()
    called = call(capsys, "new-api", "quill", "--output", tmp_path / "file" / "new")
    assert called.code == 3 and str(tmp_path / "file" / "new") in called.err
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_nothing_is_left_of_a_package_that_cannot_be_written(tmp_path: Path) -> None:
    """If one file can't be written, the others aren't left behind."""
    with pytest.raises(StartError, match="The package can't be written to"):
        write_package(tmp_path / "new", {"a": "", "b": "", "b/c": ""})
    assert list(tmp_path.iterdir()) == []


CLADO = "The APIs 'quill' and 'clado' of jobmock can't be used together. Both have "
SHARED = {
    "host": ("https://search.clado.ai/v1", "/jobs",
             f"{CLADO}the host search.clado.ai. To mend that, change HOST in tables.py."),
    "route": ("https://a.example/api", "/search/deep_research",
              f"{CLADO}a route for the same requests: /api/search/deep_research and /api/search/deep_research. To mend "
              "that, change the paths in OPERATIONS of tables.py."),
    "nothing": ("https://a.example/v1", "/jobs", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_an_api_that_shares_something(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    """A host or a route of an installed API is named at once, with both names and what to change."""
    host, path, why = SHARED[name]
    paths = {path: {"post": answer(JOB)}, f"{path}/{{id}}": {"get": answer(JOB)}}
    called = new_api(capsys, tmp_path, {**document(), "paths": paths, "servers": [{"url": host}]})
    assert (called.code, called.err) == (0, f"jobmock: {why}\n" if why else "")


def test_a_name_that_begins_like_another(tmp_path: Path) -> None:
    """An API whose keys begin like those of an installed one is named at once, with the distribution to uninstall."""
    ran = run("jobmock", "new-api", "toast_2", cwd=tmp_path, site=installed("toast"))
    assert ran.returncode == 0
    assert "The APIs 'toast_2' and 'toast' of " in ran.stderr
    remedy = "To mend that, choose another name, or give its API another `prefix`, or uninstall "
    assert f"Both have keys that begin with sk_toast_2_. {remedy}" in ran.stderr
