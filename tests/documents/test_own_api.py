"""The chapter on APIs from other packages says what the code says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, fields

from tests.distributions.installed import SOURCES
from tests.documents.reading import blocks, tables

from jobmock.dialect.api import Api

PAGE, TITLE = "mockserver/README.md", "An API from your own package"


def test_members_of_an_api() -> None:
    """The table has each member of an API that a package may give, and a default unless it must be given."""
    rows = {name: row[2] for row in tables(PAGE, TITLE)[1][1:] for name in re.findall(r"`(\w+)`", row[0])}
    given = [one for one in fields(Api) if one.init]
    needed = {one.name for one in given if one.default is MISSING and one.default_factory is MISSING}
    assert {*rows} == {one.name for one in given}
    assert {name for name, default in rows.items() if not default} == needed


def test_the_api_from_a_package() -> None:
    """The code of the page is that of the distribution which the tests use, and its entry point too."""
    toast = SOURCES / "toast"
    assert blocks(PAGE, "py", TITLE) == [(toast / "toast_api" / "__init__.py").read_text("utf-8")]
    (written,) = blocks(PAGE, "toml", TITLE)
    project = tomllib.loads((toast / "pyproject.toml").read_text("utf-8"))["project"]
    assert tomllib.loads(written)["project"]["entry-points"] == project["entry-points"]
