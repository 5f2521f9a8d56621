"""The page about a client stands alone, and no text in it becomes markup."""

from __future__ import annotations

import re

from tests.support import KEYS, Mock
from tests.timelines.clients import activity_of, impatient, poll_every
from tests.timelines.pages import checked

from jobmock.timelines.client_page import client_page

HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror=alert(2)>\x00\x1b"


def test_a_page_stands_alone(mock: Mock) -> None:
    """It has the findings, the lanes and the requests, and its links lead to parts of it. It loads and runs nothing."""
    impatient(mock)
    page = checked(client_page("A test", [activity_of(mock)]))
    assert {"svg", "table", "ol", "figure", "details"} <= set(page.tags)
    assert "retry-after-ignored" in page.text
    assert page.links


def test_a_link_shows_row_and_flag(mock: Mock) -> None:
    """A link to a row highlights the row and the flag, and one to the flag does the same."""
    impatient(mock)
    text = client_page("A test", [activity_of(mock)])
    assert "tr:target" in text
    assert re.search(r":root:has\(#m4:target\) #e4[^{}]*\{background:", text)
    assert re.search(r":root:has\(#e4:target\) #m4 \.pole[^{}]*\{visibility:visible\}", text)


def test_several_clients_have_their_own_ids(mock: Mock) -> None:
    """The requests of several keys with the same numbers have different ids."""
    impatient(mock)
    for key in ("lk_other", KEYS["clado"]):
        job = mock.play("clado", "clado/at-once", key)
        for _ in range(3):
            mock.poll("clado", job, key)
            mock.advance(5, key=key)
    page = checked(client_page("A test", [activity_of(mock)]))
    assert {"e4", "e2k1"} <= set(page.ids)


def test_texts_stay_texts(mock: Mock) -> None:
    """Markup in a path, a query, a method, a User-Agent, a scenario and a title is shown as it was sent."""
    mock.play("clado", {"version": 1, "api": "clado", "progression": [
        {"status": "<svg onload=alert(3)>", "violates": ["schema"]},
    ]})  # fmt: skip
    job = mock.start("clado")
    mock.poll("clado", job, query="x=<script>alert(4)</script>&page=<b>")
    mock.send(
        "<I>", "/api/<script>alert(5)</script>", key=KEYS["clado"], query=HOSTILE.replace("\x00", ""),
        headers=((b"user-agent", b"<script>alert(6)</script>"),),
    )  # fmt: skip
    text = client_page(HOSTILE, [activity_of(mock)])
    page = checked(text)
    assert "script" not in page.tags and "img" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert "alert(5)" in page.text
    assert "\\x00\\x1b" in page.text


def test_no_key_in_a_page(mock: Mock) -> None:
    """A key that a client wrote into its path or query isn't in the page."""
    job = mock.play("clado", "clado/usual")
    mock.poll("clado", job, query="key=lk_secret0123456789abcdef")
    mock.send("GET", "/api/lk_secret0123456789abcdef", key=KEYS["clado"])
    text = client_page("A test", [activity_of(mock)])
    assert "secret0123456789" not in text


def test_ten_thousand_requests(mock: Mock) -> None:
    """A run of 10,000 requests makes a page of less than a megabyte, also if no two of them are equal."""
    job = mock.play("clado", "clado/slow")
    for number in range(10_000):
        mock.poll("clado", job, query=f"n={number}")
        mock.advance(0.1)
    text = client_page("A test", [activity_of(mock)])
    checked(text)
    assert len(text) < 1_000_000


def test_nothing_was_sent() -> None:
    """A page about no request is a page too."""
    checked(client_page("A test", []))


def test_a_lost_answer(mock: Mock) -> None:
    """An answer for which the client didn't wait is marked as lost."""
    job = mock.play("clado", {"version": 1, "api": "clado", "progression": [{"status": "completed"}],
                              "faults": [{"when": {"request": 1}, "delay": "60s"}]})  # fmt: skip
    mock.poll("clado", job).lost()
    poll_every(mock, job, 5, 1)
    page = checked(client_page("A test", [activity_of(mock)]))
    assert "lost: the client had left" in page.text
