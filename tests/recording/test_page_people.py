"""The pages of a recording contradict each other where the recorded pages did, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.checking.exchanges import clado, page, person, status
from tests.recording.both_ways import recorded_from, recorded_live
from tests.recording.forms import lines, saved
from tests.recording.random_pages import random_pages
from tests.recording.raw_exchanges import raw
from tests.recording.round_trip import record_from, rows_before_and_after

from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.clock import SECOND

SEEDS = range(12)


def pages(*shown: tuple[int, Sequence[Any]], total: int = 4, size: int = 2) -> list[LiveExchange]:
    """Return pages of these numbers with these people, one after the other."""
    bodies = [(number, {**page(number, total, size), "results": people}) for number, people in shown]
    return [
        clado(body, query=f"page={number}&page_size={size}", number=at) for at, (number, body) in enumerate(bodies)
    ]  # fmt: skip


def renamed(number: int) -> dict[str, Any]:
    """Return a person with the id of another, but another text."""
    return person(number, headline="Another text")


WHOLE = [clado(status("completed", results=[person(number) for number in range(4)]))]
P0, P1, P2, P3 = (person(number) for number in range(4))
CASES = {
    "a page repeats another, where one person was changed meanwhile": (
        pages((1, [renamed(0), P1]), (2, [P0, P1]), (1, [P0, P1])), ["page-overlap"],
    ),
    "a person was changed on the same page": (pages((1, [P0, P1]), (1, [renamed(0), P1]), (2, [P2, P3])), []),
    "a page is in another order": (pages((1, [P0, P1]), (1, [P1, P0])), []),
    "a person was left out, and came back": (pages((1, [P1]), (1, [P0, P1])), ["page-changed", "page-length"]),
    "the people of another page, after the list of all": ([*WHOLE, *pages((2, [P0, P1]), (1, [P2, P3]))], []),
    "somebody new on a page": (pages((1, [P0, person(9)]), (1, [P0, P1])), ["page-changed"]),
    "more people than the mock has on the page": (pages((3, [P0, P1])), ["page-length"]),
    "a person without an id on a page with more people than the mock's": (
        pages((2, [{"profile": {"name": "A", "headline": "B"}}, P1]), total=3), ["member-missing", "page-length"],
    ),
    "null in place of all people of a page": (
        [*pages((2, [None, None])), clado(status("completed", results=[P0, P1, P2, P3]), number=9)], ["type-changed"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_pages(case: str, tmp_path: Path) -> None:
    """A check of the recorded pages, of the lines and of what is played finds the same."""
    exchanges, rules = CASES[case]
    before, written, scenario = rows_before_and_after(exchanges, tmp_path)
    assert {row[1] for row in before} >= set(rules)
    assert bool(before) is bool(rules)
    assert written == before
    assert scenario == before


def test_page_beside_another_request(tmp_path: Path) -> None:
    """A page that was requested while another request was under way isn't compared, in a recording neither."""
    early, beside, late = pages((1, [P0, P1]), (2, [P0, P1]), (2, [P2, P3]))
    slow, beside, late = (replace(one, at=one.at + 9 * SECOND) for one in (early, beside, late))
    exchanges = [*WHOLE, replace(slow, arrived=beside.at + SECOND // 2), beside, late]
    before, written, scenario = rows_before_and_after(exchanges, tmp_path)
    assert written == before == scenario
    assert not before


def test_more_people_than_a_scenario_has_room_for(tmp_path: Path) -> None:
    """Where a page always shows others, a scenario has as many as it has room for, and a note names the next page."""
    readings = [(1, [person(50 * reading + number) for number in range(50)]) for reading in range(5)]
    complete, warnings = record_from(b"".join(map(to_line, pages(*readings, total=50, size=50))), tmp_path)
    assert complete
    assert warnings == ["Job 1: status 5: played with other people than those that belong on the page."]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_pages(seed: int, tmp_path: Path) -> None:
    """A check finds the same in the pages of a job, in what is recorded of them and in what is played."""
    before, written, scenario = rows_before_and_after(random_pages(Random(seed)), tmp_path)
    assert written == before
    assert scenario == before


@pytest.mark.parametrize("seed", [20, 23, 25, 42])
def test_random_pages_live_and_from_a_file(seed: int, tmp_path: Path) -> None:
    """Pages that contradict each other are the same files, whether a proxy saw them or they lay in a file."""
    seen = [raw(one) for one in random_pages(Random(seed))]
    live = recorded_live(seen, "clado", tmp_path, [])
    assert recorded_from(saved(tmp_path / "traffic", lines(seen)), tmp_path, []) == live
