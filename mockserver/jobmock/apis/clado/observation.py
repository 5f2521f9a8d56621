"""What Clado's bodies tell a recorder: how many people there are, and which page of them.

Source: schemas/clado/README.md#4.3,#4.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...dialect.observation import Observation, ObservedPeople


def _people(body: Mapping[str, Any]) -> ObservedPeople:
    """Count the people; of a paged answer only `pagination` knows how many there are in all."""
    found, paging = body.get("results"), body.get("pagination")
    if not isinstance(found, list):
        return ObservedPeople(None)
    if not isinstance(paging, Mapping):
        return ObservedPeople(len(found), tuple(found))
    numbers = [paging.get(name) for name in ("total_results", "page", "page_size")]
    total, page, size = (number if type(number) is int and number >= 0 else 0 for number in numbers)
    if page and size:
        return ObservedPeople(total, tuple(found), page, size)
    return ObservedPeople(len(found), tuple(found))


OBSERVATION = Observation(people=_people, run_shape=lambda body: None)
