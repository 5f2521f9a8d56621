"""How a recorder reads Clado's bodies: the number of people, and the page.

Source: schemas/clado/README.md#4.3,#4.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...dialect.observation import Observation, ObservedPeople
from .paging import PAGING


def _people(body: Mapping[str, Any]) -> ObservedPeople:
    """Return the people. In a paged answer `pagination` has their total number."""
    people, paging = body.get("results"), body.get("pagination")
    if not isinstance(people, list):
        return ObservedPeople(None)
    ids = tuple(map(PAGING.id_of, people))
    if not isinstance(paging, Mapping):
        return ObservedPeople(len(people), tuple(people), ids=ids)
    numbers = [paging.get(name) for name in ("total_results", "page", "page_size")]
    total, page, size = (number if type(number) is int and number >= 0 else 0 for number in numbers)
    if page and size:
        return ObservedPeople(total, tuple(people), page, size, ids)
    return ObservedPeople(len(people), tuple(people), ids=ids)


OBSERVATION = Observation(people=_people, run_shape=lambda body: None)
