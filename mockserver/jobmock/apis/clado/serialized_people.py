"""People as serialized JSON. Each person is serialized once, for all answers."""

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
    serialized = _serialized(shape, seed)
    if len(serialized) < count:
        with _growing:
            render = _renderer(shape)
            missing = range(len(serialized), count)
            serialized.extend([orjson.Fragment(orjson.dumps(render(seed, number))) for number in missing])
    return serialized[:count]


def people_part(shape: str, seed: int, numbers: Sequence[int]) -> Part:
    """Return the people with these numbers, in this order, as a part of an answer."""
    return Part(f"clado people {shape} {seed} {numbers}".encode(), partial(_people_with_numbers, shape, seed, numbers))


def _people_with_numbers(shape: str, seed: int, numbers: Sequence[int]) -> list[orjson.Fragment]:
    known = people(shape, seed, max(numbers, default=-1) + 1)
    return [known[number] for number in numbers]


@lru_cache(maxsize=32)
def _serialized(shape: str, seed: int) -> list[orjson.Fragment]:
    """Return the cached people of a seed in a shape. The list grows when an answer needs more of them."""
    return []


@cache
def _renderer(shape: str) -> Callable[[int, int], dict[str, Any]]:
    """Return the function that makes record `number` of a seed. Imports are late, so that a server starts quickly."""
    from ...people import person
    from .documented_record import shape_a
    from .legacy_record import legacy_record
    from .modern_record import modern_record

    record = {"a": shape_a, "b": legacy_record, "modern": modern_record}[shape]
    return lambda seed, number: record(person(seed, number))
