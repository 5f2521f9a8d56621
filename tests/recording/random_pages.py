"""Pages of an ended job as an unreliable vendor shows them: repeated, shuffled, with changed and missing people."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.checking.exchanges import clado, page, person, status

from jobmock.checking.exchange import LiveExchange
from jobmock.clock import SECOND

_OTHERS = 8
"""How many people there are, those of the job among them."""


def random_pages(draw: Random) -> list[LiveExchange]:
    """Return answers about one job: pages, and lists of all people."""
    everybody = [person(number) for number in range(draw.choice((3, 4, 5)))]
    return [_answer(everybody, number, draw) for number in range(draw.randrange(3, 9))]


def _answer(everybody: Sequence[Any], number: int, draw: Random) -> LiveExchange:
    body, query = _whole(everybody, draw) if draw.random() < 0.2 else _page(everybody, draw)
    if draw.random() < 0.02:
        body["status"] = "searching"
    at = clado(body, number=number).at
    late = {"arrived": at + 3 * SECOND} if draw.random() < 0.07 else {}
    return clado(body, query=query, number=number, **late)


def _whole(everybody: Sequence[Any], draw: Random) -> tuple[dict[str, Any], str]:
    return status("completed", results=_spoilt(everybody, draw)), ""


def _page(everybody: Sequence[Any], draw: Random) -> tuple[dict[str, Any], str]:
    number, size = draw.choice((1, 1, 2, 2, 3)), draw.choice((2,) * 9 + (3,))
    shown = number if draw.random() < 0.85 else draw.choice((1, 2))
    people = list(everybody[(shown - 1) * size : shown * size])
    if draw.random() < 0.1:
        draw.shuffle(people)
    results = None if draw.random() < 0.03 else _spoilt(people, draw)
    return {**page(number, len(everybody), size), "results": results}, f"page={number}&page_size={size}"


def _spoilt(people: Sequence[Any], draw: Random) -> list[Any]:
    """Return the people, each with a chance to be changed, replaced or left out."""
    kept = [one for one in people if draw.random() > 0.02]
    return [_changed(one, draw) if draw.random() < 0.2 else one for one in kept]


def _changed(one: Any, draw: Random) -> Any:
    profile = one["profile"]
    without_id = {key: value for key, value in profile.items() if key != "id"}
    return draw.choice([
        {"profile": {**profile, "headline": "Another text"}}, {"profile": {**profile, "headline": 7}},
        {"profile": without_id}, person(draw.randrange(_OTHERS)), None,
    ])  # fmt: skip
