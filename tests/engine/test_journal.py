"""The journal keeps the newest exchanges within its limits, and counts the dropped ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import EPOCH, put

from jobmock.clock import SECOND
from jobmock.engine.journal import MAX_BYTES, MAX_EXCHANGES, Journal, shown
from jobmock.engine.journal_room import FREE_BYTES, MAX_ALL_BYTES, JournalRoom
from jobmock.models import Exchange, PageInfo


def exchange(number: int = 1, **members: Any) -> Exchange:
    usual = {"at": EPOCH, "api": "clado", "operation": "status", "job": "j1", "method": "GET", "path": "/a"}
    return Exchange(**{"number": number, "query": "", "status": 200, **usual, **members})


def filled(journal: Journal, count: int, **members: Any) -> list[int]:
    """Add exchanges 1 to `count` and return the numbers of those that are kept."""
    for number in range(1, count + 1):
        put(journal, exchange(number, **members))
    return [kept.number for kept in journal]


def test_begins_empty() -> None:
    """A new journal is empty and has dropped nothing."""
    journal = Journal()
    assert (list(journal), len(journal), journal.count, journal.dropped) == ([], 0, 0, 0)


@pytest.mark.parametrize(
    ("count", "kept", "dropped"),
    [(0, [], 0), (2, [1, 2], 0), (3, [1, 2, 3], 0), (4, [2, 3, 4], 1), (10, [8, 9, 10], 7)],
)
def test_bounded_in_number(count: int, kept: list[int], dropped: int) -> None:
    """Above its limit a journal drops the oldest exchanges and counts them."""
    journal = Journal(most=3)
    assert filled(journal, count) == kept
    assert (len(journal), journal.dropped, journal.count) == (len(kept), dropped, count)


@pytest.mark.parametrize("member", ["path", "query", "note"])
def test_bounded_in_bytes(member: str) -> None:
    """Paths, queries and notes count, so a journal keeps fewer exchanges with long ones."""
    journal = Journal(most_bytes=10_000)
    assert filled(journal, 20, **{member: "x" * 3_000}) == [18, 19, 20]
    assert (journal.dropped, journal.count) == (17, 20)


@given(st.lists(st.integers(0, 3_000), max_size=60))
def test_never_more_bytes_than_allowed(lengths: list[int]) -> None:
    """The kept exchanges are always the newest ones, and their text stays within the limit."""
    journal = Journal(most_bytes=10_000)
    for number, length in enumerate(lengths, 1):
        put(journal, exchange(number, path="p" * (length // 2), query="q" * (length - length // 2)))
        kept = list(journal)
        assert [one.number for one in kept] == list(range(number - len(kept) + 1, number + 1))
        assert sum(len(one.path) + len(one.query) for one in kept) <= 10_000
        assert journal.dropped + len(journal) == journal.count == number
    assert len(journal) >= min(len(lengths), 3)


def test_short_exchanges_have_a_size_too() -> None:
    """Exchanges with almost no text count in bytes, too."""
    journal = Journal(most_bytes=10_000)
    filled(journal, 1_000, path="/")
    assert 10 <= len(journal) <= 100


def test_dropping_makes_room() -> None:
    """A dropped exchange no longer counts: after a huge one, as many small ones fit as before."""
    plain, after = Journal(most_bytes=10_000), Journal(most_bytes=10_000)
    put(after, exchange(path="x" * 9_000))
    filled(plain, 200)
    filled(after, 200)
    assert len(after) == len(plain)


def test_too_large_to_keep() -> None:
    """An exchange larger than the whole journal is dropped itself, and the next one is kept."""
    journal = Journal(most_bytes=1_000)
    put(journal, exchange(path="x" * 2_000))
    assert (len(journal), journal.dropped, journal.count) == (0, 1, 1)
    put(journal, exchange(2))
    assert [kept.number for kept in journal] == [2]


def test_documented_bounds() -> None:
    """By default a journal keeps at most 10,000 exchanges and 4 MiB."""
    assert (MAX_EXCHANGES, MAX_BYTES) == (10_000, 4 * 1024 * 1024)
    journal = Journal()
    filled(journal, 10_001)
    assert (len(journal), journal.dropped) == (10_000, 1)
    journal.clear()
    filled(journal, 50, path="x" * 100_000)
    assert 40 <= len(journal) < 42


def test_clear() -> None:
    """Clearing returns the number of exchanges, and sets every count to zero."""
    journal = Journal(most=3, most_bytes=1_200)
    filled(journal, 5, path="x" * 100)
    assert journal.clear() == 3
    assert (list(journal), len(journal), journal.count, journal.dropped) == ([], 0, 0, 0)
    assert filled(journal, 3, path="x" * 100) == [1, 2, 3]
    assert journal.dropped == 0
    assert journal.clear() == 3 and journal.clear() == 0


def test_a_job_counts_in_bytes_too() -> None:
    """A journal keeps fewer exchanges with long job ids."""
    assert filled(Journal(most_bytes=10_000), 20, job="x" * 3_000) == [18, 19, 20]


def test_shown() -> None:
    """An exchange is shown with every member under its own name, and its times in seconds."""
    told = shown(
        exchange(
            4, at=EPOCH + SECOND // 2, path="/jobs/lk_…", query="key=sk_orb_…&page=2", status=429, step=1,
            fault="respond rate_limited", note="A note.", state="searching", retry=EPOCH + 2 * SECOND,
            page=PageInfo(2, 10, has_next=False, total=15), made=EPOCH, held=EPOCH + 3 * SECOND,
            partial="sections_ready", error="rate_limited", retry_form="date", switches=("tier=free",),
            agent="client/1", arrived=7 * SECOND // 2, connection=("127.0.0.1", 5000),
        ),
        "clado-3f9a1c",
    )  # fmt: skip
    assert told == {
        "number": 4,
        "at": EPOCH / SECOND + 0.5,
        "namespace": "clado-3f9a1c",
        "api": "clado",
        "operation": "status",
        "job": "j1",
        "method": "GET",
        "path": "/jobs/lk_…",
        "query": "key=sk_orb_…&page=2",
        "status": 429,
        "step": 1,
        "fault": "respond rate_limited",
        "note": "A note.",
        "state": "searching",
        "retry": EPOCH / SECOND + 2,
        "page": {"page": 2, "size": 10, "has_next": False, "total": 15},
        "intent": None,
        "once": None,
        "made": EPOCH / SECOND,
        "held": EPOCH / SECOND + 3, "partial": "sections_ready", "error": "rate_limited",
        "retry_form": "date", "switches": ["tier=free"], "agent": "client/1", "arrived": 3.5,
        "connection": "127.0.0.1:5000",
    }
    assert json.loads(json.dumps(told)) == told


def test_whoever_reads_sees_what_was_there_when_they_began() -> None:
    """Adding an exchange doesn't disturb a reader in another thread."""
    journal = Journal(most=2)
    filled(journal, 2)
    reading = iter(journal)
    put(journal, exchange(3))
    assert [one.number for one in reading] == [1, 2]


def test_a_lost_answer_is_noted() -> None:
    """A lost answer is recorded until its exchange is dropped."""
    journal, first = Journal(most=2), exchange(1)
    noted = put(journal, first)
    journal.lose(noted)
    assert journal.lost == {1}
    for number in (2, 3):
        put(journal, exchange(number))
    journal.lose(noted)
    assert journal.lost == set()


def test_an_answer_lost_late_is_no_others() -> None:
    """An answer that is lost after a clear doesn't mark the new exchange with its number."""
    journal, before = Journal(), exchange(1)
    noted = put(journal, before)
    journal.clear()
    put(journal, exchange(1))
    journal.lose(noted)
    assert journal.lost == set()


def stored(journal: Journal) -> int:
    return sum(200 + len(one.path) + len(one.job or "") for one in journal)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20_000)), max_size=150))
def test_all_journals_together_are_bounded(added: list[tuple[int, int]]) -> None:
    """Journals that share room never have more together; what goes are the oldest exchanges, and they are counted."""
    room = JournalRoom(most=200_000)
    journals = [Journal(most_bytes=100_000, shared=room) for _ in range(6)]
    for which, length in added:
        journal = journals[which]
        put(journal, exchange(journal.count + 1, path="p" * length))
        assert sum(max(0, stored(one) - FREE_BYTES) for one in journals) <= 200_000
        assert all(one.dropped + len(one) == one.count and stored(one) <= 100_000 for one in journals)
        assert [one.number for one in journal] == list(range(journal.dropped + 1, journal.count + 1))
    assert room.dropped <= sum(one.dropped for one in journals)
    for one in journals:
        one.clear()
    assert room._given == 0 and not room._journals


def test_the_journal_that_grew_longest_ago_goes_first() -> None:
    """If all journals together have too much, others than the busy one lose exchanges, and keep their newest 16 kB."""
    room = JournalRoom(most=400_000)
    first, second, busy = (Journal(shared=room) for _ in range(3))
    for journal in (first, second):
        filled(journal, 100, path="p" * 1_000)
    filled(busy, 200, path="p" * 1_000)
    assert (busy.dropped, second.dropped) == (0, 0)
    assert 0 < stored(first) <= FREE_BYTES and list(first)[-1].number == 100
    assert room.dropped == first.dropped > 0


def test_a_journal_alone_gets_its_whole_limit() -> None:
    """Sharing room takes nothing from one journal: it keeps as much as without."""
    shared, alone = Journal(shared=JournalRoom()), Journal()
    for journal in (shared, alone):
        filled(journal, 6_000, path="p" * 1_000)
    assert len(shared) == len(alone) and MAX_ALL_BYTES > MAX_BYTES


def test_a_closed_journal_gives_its_room_back() -> None:
    """The room of a closed journal is free again."""
    room = JournalRoom(most=120_000)
    first, second = Journal(shared=room), Journal(shared=room)
    filled(first, 80, path="p" * 1_000)
    first.close()
    filled(second, 80, path="p" * 1_000)
    assert second.dropped == 0
