"""The ids of the profiles that a run ends with."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1024)
def profile_ids(seed: int, count: int) -> tuple[str, ...]:
    """Return the ids of a seed's first `count` profiles. A run with a single profile has the first.

    Source: schemas/orbit/README.md#4.4,#4.5.
    """
    # Imported with the first id, so that a server starts quickly.
    from ...people import profile_id

    return tuple(profile_id(seed, number) for number in range(count))
