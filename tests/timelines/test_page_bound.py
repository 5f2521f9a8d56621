"""A page has a bounded size."""

from __future__ import annotations

from functools import partial
from xml.etree.ElementTree import Element

import pytest
from tests.support import Mock
from tests.timelines.clients import activity_of
from tests.timelines.pages import checked

from jobmock.timelines import client_page, page_bound
from jobmock.timelines.elements import element
from jobmock.timelines.page_bound import bounded


def test_parts_that_have_no_room() -> None:
    """The part that completes the size is the last one, and the others are counted, and never made."""
    made: list[int] = []

    def part(number: int) -> Element:
        made.append(number)
        return element("p", "x" * 100)

    parts = list(bounded((partial(part, number) for number in range(10)), most=250))
    assert made == [0, 1, 2]
    assert [len(one.text or "") == 100 for one in parts] == [True, True, True, False]
    assert (parts[-1].text or "").startswith("7 more parts would make this page larger than ")


def test_all_parts_have_room() -> None:
    """Where all have room, nothing is said."""
    assert [one.text for one in bounded([partial(element, "p", "a")])] == ["a"]


def test_very_many_keys(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many keys, those with findings come first, and the others that have no room are counted."""
    for number in range(20):
        key = f"lk_k{number}"
        job = mock.play("clado", "clado/at-once", key)
        for _ in range(5 if number == 13 else 1):
            mock.poll("clado", job, key)
            mock.advance(5, key=key)
    small = partial(page_bound.bounded, most=20_000)
    monkeypatch.setattr(client_page, "bounded", small)
    page = checked(client_page.client_page("A test", [activity_of(mock)]))
    assert "polled-after-end" in page.text
    assert page.text.index("polled-after-end") < page.text.index("POST")
    assert "more parts would make this page larger" in page.text
