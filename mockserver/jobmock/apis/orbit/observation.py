"""How a recorder reads Orbit's bodies: the candidates or the one profile, and the run shape of a start.

Source: schemas/orbit/README.md#4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...dialect.observation import Observation, ObservedPeople
from .start import run_shape


def _people(body: Mapping[str, Any]) -> ObservedPeople:
    """Return the candidates with their number, or the id of a single profile without a number.

    Source: schemas/orbit/README.md#4.4,#4.5.
    """
    result = body.get("result")
    if not isinstance(result, Mapping):
        return ObservedPeople(None)
    ids = result.get("candidate_profile_ids")
    if isinstance(ids, list):
        return ObservedPeople(len(ids), tuple(ids))
    return ObservedPeople(None, (result["id"],) if "id" in result else ())


OBSERVATION = Observation(people=_people, run_shape=run_shape)
