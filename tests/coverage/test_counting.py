"""Counting: each exchange counts once, wherever it is when the coverage is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import EPOCH, JOBS, Mock, examples, put

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.coverage import Cell, CoverageCounter, cells_met, counter_of, coverage_of
from jobmock.engine.journal import Journal
from jobmock.engine.journal_room import JournalRoom
from jobmock.engine.namespace import Namespaces
from jobmock.models import Exchange, PageInfo
from jobmock.service.service import Service

CATALOGUE = Catalogue()
PENDING = Cell("clado", "status", "200 pending")
UNAUTHORIZED = Cell("clado", "status", "401 unauthorized")
WAYS = ("poll", "poll without a key", "reset", "clear the journal", "clear the other journal", "other keys")


class Counted:
    """A mock that counts, with room for two keys and for few exchanges."""

    def __init__(self) -> None:
        self.counter = CoverageCounter()
        self.namespaces = Namespaces(clock=lambda: Clock("manual", start=EPOCH), most=2, leaving=self.counter)
        self.namespaces.room = JournalRoom(40_000, leaving=self.counter)
        self.mock = Mock(Service(CATALOGUE, self.namespaces))
        self.sent = {PENDING: 0, UNAUTHORIZED: 0}

    def do(self, way: str, key: str, number: int) -> None:
        """Let exchanges come, or leave."""
        if way == "poll":
            job = self.mock.service.place(self.mock.namespace("clado", key), CATALOGUE.plan("clado/stuck")).id
            for _ in range(number):
                assert json.loads(self.mock.poll("clado", job, key).body)["status"] == "pending"
            self.sent[PENDING] += number
        elif way == "poll without a key":
            for _ in range(number):
                assert self.mock.send("GET", f"{JOBS['clado']}/x").status == 401
            self.sent[UNAUTHORIZED] += number
        elif way == "reset":
            self.mock.namespace("clado", key).reset()
        elif way == "clear the journal":
            self.mock.namespace("clado", key).journal.clear()
        elif way == "clear the other journal":
            self.namespaces.outside.clear()
        else:
            for other in range(number):
                self.mock.namespace("clado", f"lk_other{other}")


@given(
    st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from(("lk_a", "lk_b", "lk_c")), st.integers(1, 120))),
)
@settings(max_examples=examples(200))
def test_each_exchange_counts_once(actions: list[tuple[str, str, int]]) -> None:
    """What was sent is what is counted: in journals, dropped, cleared, reset, and of closed namespaces."""
    counted = Counted()
    for action in actions:
        counted.do(*action)
    counts = counted.counter.of(counted.namespaces).counts
    assert {cell: counts.get(cell, 0) for cell in counted.sent} == counted.sent


@pytest.mark.parametrize("way", WAYS[2:4])
def test_a_key_keeps_what_left_its_journal(way: str) -> None:
    """The coverage of a key has what its journal no longer has, and nothing of another key."""
    counted = Counted()
    counted.do("poll", "lk_a", 3)
    counted.do("poll", "lk_b", 2)
    counted.do(way, "lk_a", 1)
    own = counted.counter.snapshot(counted.namespaces, counted.mock.namespace("clado", "lk_a"))()
    assert own.counts[PENDING] == 3


def test_a_snapshot_has_what_stood_when_it_was_made() -> None:
    """What comes, or leaves, after a snapshot was made doesn't change it."""
    counted = Counted()
    counted.do("poll", "lk_a", 3)
    count = counted.counter.snapshot(counted.namespaces)
    counted.do("reset", "lk_a", 1)
    counted.do("poll", "lk_a", 4)
    assert count().counts[PENDING] == 3


def test_a_bounded_journal_counts_what_it_drops() -> None:
    """An exchange that a full journal drops is counted, and one that stays isn't counted yet."""
    counter = CoverageCounter()
    journal = Journal(2, leaving=counter)
    for number in range(1, 6):
        put(journal, Exchange(number, EPOCH, "clado", "status", "j", "GET", "/", "", 200, state="pending"))
    none_kept = Namespaces(clock=lambda: Clock("manual", start=EPOCH))
    assert counter.of(none_kept).counts == {PENDING: 3}
    assert coverage_of(journal).counts == {PENDING: 2}


def test_nothing_is_counted_unless_it_is_asked_for() -> None:
    """Namespaces without a counter have none, and their journals hand on nothing."""
    namespaces = Namespaces(clock=Clock)
    assert counter_of(namespaces) is None
    assert namespaces.room.leaving is None


@pytest.mark.parametrize(
    ("members", "met"),
    [
        ({"api": None}, set()),
        ({"operation": None, "status": 404}, set()),
        ({"api": "clado", "status": 418}, set()),
        ({"state": "pending", "fault": "disconnect reset"}, {("faults", "disconnect reset")}),
        ({"state": "pending", "fault": "delay", "held": EPOCH}, {("faults", "delay"), ("status", "200 pending")}),
        ({"state": "pending", "fault": "hang", "held": EPOCH}, {("faults", "delay"), ("faults", "hang")}),
        ({"status": 503, "error": None}, {("status", "503 unavailable"), ("Retry-After", "503 without")}),
        ({"api": "orbit", "status": 503, "error": None}, {("Retry-After", "503 without")}),
        ({"api": "orbit", "status": 200}, set()),
        (
            {"state": "completed", "page": PageInfo(3, 25, False, 50)},
            {("status", "200 completed"), ("endings", "completed"), ("pages", "many"), ("pages", "boundary")},
        ),
        (
            {"state": "cancelled", "page": PageInfo(1, 25, False, 0)},
            {("status", "200 cancelled"), ("endings", "cancelled")},
        ),
        ({"state": "pending", "page": PageInfo(1, 25, False, 0)}, {("status", "200 pending")}),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, dict) else "",
)
def test_cells_of_an_exchange(members: dict[str, Any], met: set[tuple[str, str]]) -> None:
    """A lost answer counts as its fault alone, and what no document lists counts as nothing."""
    usual = {"api": "clado", "operation": "status", "status": 200, "job": "j", "method": "GET", "path": "", "query": ""}
    exchange = Exchange(**{"number": 1, "at": EPOCH, **usual, **members})
    assert {(cell.group, cell.name) for cell in cells_met(exchange)} == met
