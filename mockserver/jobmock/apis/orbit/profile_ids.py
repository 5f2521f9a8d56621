"""The ids of the profiles that a run ends with."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1024)
def profile_ids(seed: int, count: int) -> tuple[str, ...]:
    """Return the ids of a seed's first `count` profiles; a single run's is the first.

    Source: schemas/orbit/README.md#4.4,#4.5.
    """
    # Imported when the first id is asked for: a server shouldn't wait for people's tables to be ready.
    from ...people import profile_id

    return tuple(profile_id(seed, number) for number in range(count))
