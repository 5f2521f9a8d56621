"""People as ready JSON: each is rendered and serialised once, however many answers show them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any

import orjson

from ...dialect.answers import Part

if TYPE_CHECKING:
    from collections.abc import Callable

_growing = Lock()


def people(shape: str, seed: int, count: int) -> list[orjson.Fragment]:
    """Return the first `count` people of a seed, as records of a shape: `a`, `b` or `modern`.

    Source: schemas/clado/README.md#4.6.
    """
    roster = _roster(shape, seed)
    if len(roster) < count:
        with _growing:
            render = _renderer(shape)
            missing = range(len(roster), count)
            roster.extend([orjson.Fragment(orjson.dumps(render(seed, number))) for number in missing])
    return roster[:count]


def people_part(shape: str, seed: int, numbers: Sequence[int]) -> Part:
    """Return the people of these numbers, in this order, as a part of an answer."""
    return Part(f"clado people {shape} {seed} {numbers}".encode(), partial(_numbered, shape, seed, numbers))


def _numbered(shape: str, seed: int, numbers: Sequence[int]) -> list[orjson.Fragment]:
    everybody = people(shape, seed, max(numbers, default=-1) + 1)
    return [everybody[number] for number in numbers]


@lru_cache(maxsize=32)
def _roster(shape: str, seed: int) -> list[orjson.Fragment]:
    return []


@cache
def _renderer(shape: str) -> Callable[[int, int], dict[str, Any]]:
    """Import what draws people when the first one is asked for: a server shouldn't wait for it to be ready."""
    from ...people import person
    from .legacy import legacy
    from .modern import modern
    from .records import shape_a

    render = {"a": shape_a, "b": legacy, "modern": modern}[shape]
    return lambda seed, number: render(person(seed, number))
