"""People as ready JSON: each is rendered and serialised once, however many answers show them."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

import orjson

from ...people import person
from .legacy import legacy
from .modern import modern
from .records import shape_a

_SHAPES = {"a": shape_a, "b": legacy, "modern": modern}
_growing = Lock()


def people(shape: str, seed: int, count: int) -> list[orjson.Fragment]:
    """Return the first `count` people of a seed in a record shape (`a`, `b` or `modern`, apis/clado §4.6)."""
    roster = _roster(shape, seed)
    if len(roster) < count:
        with _growing:
            render = _SHAPES[shape]
            missing = range(len(roster), count)
            roster.extend([orjson.Fragment(orjson.dumps(render(person(seed, number)))) for number in missing])
    return roster[:count]


@lru_cache(maxsize=32)
def _roster(shape: str, seed: int) -> list[orjson.Fragment]:
    return []
