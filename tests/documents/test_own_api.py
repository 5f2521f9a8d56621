"""The chapter on APIs from other packages says what the code says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, fields

from tests.apis.distributions import TOAST
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
    assert blocks(PAGE, "py", TITLE) == [(TOAST / "toast_api" / "__init__.py").read_text("utf-8")]
    entry_point = (TOAST / "toast_api-1.0.dist-info" / "entry_points.txt").read_text("utf-8")
    (written,) = blocks(PAGE, "toml", TITLE)
    assert tomllib.loads(written)["project"]["entry-points"] == {"jobmock.apis": {"toast": "toast_api"}}
    assert entry_point == "[jobmock.apis]\ntoast = toast_api\n"
