"""Reads of many exchanges come in pages, and are made in another thread."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from tests.server.test_control import Control
from tests.support import Mock

from jobmock.server.control import journals
from jobmock.server.control.large_reads import FEW, LargeRead, finished


@pytest.fixture
def control(mock: Mock) -> Control:
    return Control(mock)


def test_journal_without_a_key_comes_in_pages(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page says where the next one begins; together they have every exchange once, in order."""
    monkeypatch.setattr(journals, "PAGE", 4)
    for number in range(11):
        control.mock.poll("clado", "x", f"lk_{number % 3}")
        control.mock.send("GET", "/nothing")
    pages, after = list[list[dict[str, Any]]](), ""
    while len(pages) < 20:
        page = control("GET", f"journal{after}").body
        pages.append(page["exchanges"])
        if "next" not in page:
            break
        after = f"?after={page['next']}"
    assert [len(page) for page in pages] == [4, 4, 4, 4, 4, 2]
    whole = [exchange for page in pages for exchange in page]
    monkeypatch.setattr(journals, "PAGE", 1_000)
    assert control("GET", "journal").body == {"exchanges": whole, "dropped": 0}
    assert whole == sorted(whole, key=lambda one: (one["at"], one["number"]))


@pytest.mark.parametrize("call", ["journal", "findings"])
@pytest.mark.parametrize("after", ["", "x", "1-2", "-1", "1-2-3-4", "9" * 100, "1-x-3"])
def test_wrong_cursor(control: Control, call: str, after: str) -> None:
    """A cursor that no page has given is refused in words."""
    answer = control("GET", f"{call}?after={after}")
    assert answer.status == 400 and "'next'" in answer.body["detail"]


def test_a_large_read_leaves_the_loop_to_others() -> None:
    """Many exchanges are read in another thread, few in the loop's own."""
    few, many = (asyncio.run(finished(LargeRead(size, threading.get_ident), 200))[0] for size in (FEW, FEW + 1))
    assert few == threading.get_ident() != many


def test_health_counts_what_was_dropped(control: Control) -> None:
    """`health` counts dropped jobs, and exchanges that went because all journals together had too many."""
    namespaces = control.mock.service.namespaces
    namespaces.jobs.dropped, namespaces.room.dropped = 2, 3
    health = control("GET", "health").body
    assert (health["jobs_dropped"], health["exchanges_dropped"]) == (2, 3)
