"""The chapter on APIs from other packages says what the code says."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from tests.dialect.test_served_pages import job_view
from tests.distributions.installed import SOURCES
from tests.documents.reading import blocks, tables
from tests.documents.running import run
from tests.new_api.written_packages import OFFLINE

from jobmock.dialect.api import Api
from jobmock.models import PageInfo

PAGE, TITLE = "mockserver/README.md", "An API from your own package"


def test_members_of_an_api() -> None:
    """The table has each member of an API that a package may give, and a default unless it must be given."""
    members = next(table for table in tables(PAGE, TITLE) if table[0][0] == "Member")
    rows = {name: row[2] for row in members[1:] for name in re.findall(r"`(\w+)`", row[0])}
    given = [one for one in fields(Api) if one.init]
    needed = {one.name for one in given if one.default is MISSING and one.default_factory is MISSING}
    assert {*rows} == {one.name for one in given}
    assert {name for name, default in rows.items() if not default} == needed


def test_the_api_from_a_package() -> None:
    """The code of the page is that of the distribution which the tests use, and its entry point too."""
    toast = SOURCES / "toast"
    assert blocks(PAGE, "py", TITLE)[0] == (toast / "toast_api" / "__init__.py").read_text("utf-8")
    (written,) = blocks(PAGE, "toml", TITLE)
    project = tomllib.loads((toast / "pyproject.toml").read_text("utf-8"))["project"]
    assert tomllib.loads(written)["project"]["entry-points"] == project["entry-points"]


def test_pages_as_shown() -> None:
    """The function of the page answers a request for a page with its results, and with what describes it."""
    shown: dict[str, Any] = {}
    exec(blocks(PAGE, "py", "Pages of results")[0], shown)
    answer = shown["frames_of"](job_view(7, "pageNumber=3&pageSize=3"))
    assert answer.body == {"frames": [{"id": "frame-6"}], "meta": {"number": 3, "pages": 3, "total": 7}}
    assert answer.page == PageInfo(3, 3, has_next=False, total=7)


def test_a_package_is_written_as_shown(tmp_path: Path) -> None:
    """The lines that write a package end with tests that pass, and with its scenario. Only `pip` installs elsewhere."""
    site, pip = tmp_path / "site", tmp_path / "bin" / "pip"
    pip.parent.mkdir()
    pip.write_text(f"#!/bin/sh\nexec {sys.executable} -m pip install -q {' '.join(OFFLINE)} --target {site} .\n")
    pip.chmod(0o755)
    places = (pip.parent, Path(sys.executable).parent, os.environ["PATH"])
    (script,) = blocks(PAGE, "sh", "Write the package")
    printed = run(script, tmp_path, {"PATH": os.pathsep.join(map(str, places)), "PYTHONPATH": str(site)})
    assert re.search(r"^\d+ passed in ", printed, re.MULTILINE), printed
    assert printed.endswith("bakery/usual  A job that succeeds.\n")
