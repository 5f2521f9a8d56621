"""What `GET health` and `GET scenarios` show of scenario files that are broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.server.test_control import Control
from tests.support import Mock

from jobmock.catalogue import Catalogue
from jobmock.service.service import Service

FINE = "version: 1\napi: clado\nsummary: Mine.\nprogression: [{status: completed}]\n"
BROKEN = FINE + "bogus: 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good file, and with two broken ones."""
    (tmp_path / "clado").mkdir()
    (tmp_path / "fine.yaml").write_text(FINE)
    (tmp_path / "clado" / "broken.yaml").write_text(BROKEN)
    (tmp_path / "aside.yaml").write_text("[")
    return tmp_path


@pytest.fixture
def control(folder: Path) -> Control:
    return Control(Mock(Service(Catalogue([folder]))))


def rows(control: Control) -> dict[str, Any]:
    """Return the rows of the user's own files by name."""
    listed = control("GET", "scenarios").body
    assert [row["name"] for row in listed] == sorted(row["name"] for row in listed)
    return {row["name"]: row for row in listed if row["source"] != "bundled"}


def test_broken_files_are_listed_with_their_errors(control: Control, folder: Path) -> None:
    """A file that never could be read has a row without API and summary, and each error with its place."""
    found = rows(control)
    assert list(found) == ["aside", "clado/broken", "clado/fine"]
    assert found["clado/fine"]["errors"] == []
    broken = found["clado/broken"]
    place = folder / "clado" / "broken.yaml"
    assert (broken["api"], broken["summary"], broken["source"]) == (None, None, str(place))
    (error,) = broken["errors"]
    assert error["where"] == f"{place}:5:1"
    assert error["detail"].startswith("Unknown key 'bogus'.")


def test_a_file_with_a_last_good_version_keeps_its_row(control: Control, folder: Path) -> None:
    """A file that breaks later is still played, so its row has its API, and the errors too, until it is mended."""
    catalogue = control.mock.service.catalogue
    (folder / "fine.yaml").write_text(BROKEN)
    catalogue.reload()
    row = rows(control)["clado/fine"]
    assert (row["api"], row["summary"], len(row["errors"])) == ("clado", "Mine.", 1)
    (folder / "fine.yaml").write_text(FINE)
    catalogue.reload()
    assert rows(control)["clado/fine"]["errors"] == []


def test_health_counts_broken_files(control: Control, folder: Path) -> None:
    """`health` has the number of broken files, which falls when one is mended or removed."""
    assert control("GET", "health").body["broken_scenarios"] == 2
    (folder / "clado" / "broken.yaml").write_text(FINE)
    (folder / "aside.yaml").unlink()
    control.mock.service.catalogue.reload()
    assert control("GET", "health").body["broken_scenarios"] == 0
