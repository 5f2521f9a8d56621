"""The pictures in the documents are those of real runs."""

from __future__ import annotations

import pytest
from tests.pictures.made import FOLDER, pictures
from tests.support import Mock
from tests.timelines.clients import impatient, timeline_of
from tests.timelines.pictures import SVG, parsed, texts

from jobmock.timelines.client_svg import client_svg


def test_picture_of_a_client(mock: Mock) -> None:
    """The file has the title, the lanes, the meaning of each mark in them, and the findings."""
    impatient(mock)
    root = parsed(client_svg("A title", timeline_of(mock)))
    shown = texts(root)
    assert shown[0] == "A title"
    assert {"pending", "searching", "completed", "refused", "broken by a fault", "held answer"} <= set(shown)
    assert "▲1 retry-after-ignored (warning)" in shown or "▲1 retry-after-ignored (error)" in shown
    assert [one for one in root.iter() if one.tag == f"{SVG}a"] == []


def test_pictures_of_the_documents() -> None:
    """Each picture is what its run gives today; `python -m tests.pictures` makes them again."""
    made = dict(pictures())
    kept = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert made == kept


@pytest.mark.parametrize("name", ["impatient-client.svg", "patient-client.svg"])
def test_kept_pictures_stand_alone(name: str) -> None:
    """A picture of the documents loads and runs nothing, and says what it shows."""
    root = parsed((FOLDER / name).read_text("utf-8"))
    assert (root.findtext(f"{SVG}title") or "").endswith(("says", "wait"))
