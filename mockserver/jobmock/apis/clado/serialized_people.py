"""People as serialized JSON. Each person is serialized once, for all answers, while there is room for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import orjson

from ...dialect.answers import Part, compact

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 100
"""So many people are made at a time: that takes about 5 ms."""
_MOST_BLOCKS = 128
"""So many blocks are kept, the last used ones: about 70 MB."""
_growing = Lock()


def people(shape: str, seed: int, numbers: Sequence[int]) -> list[orjson.Fragment]:
    """Return the people with these numbers, in this order, as records of a shape: `a`, `b` or `modern`.

    Source: schemas/clado/README.md#4.6.
    """
    return _ChosenPeople(shape, seed, numbers).records()


def people_part(shape: str, seed: int, numbers: Sequence[int]) -> Part:
    """Return the people with these numbers, in this order, as a part of an answer."""
    name, chosen = f"clado people {shape} {seed} {numbers}".encode(), _ChosenPeople(shape, seed, numbers)
    return Part(name, chosen.records, chosen.slices if len(numbers) > 2 * BLOCK else None)


class _ChosenPeople:
    """The people of one answer. Blocks that `slices` has made are held until `records` returns them."""

    __slots__ = ("_held", "_numbers", "_seed", "_shape")

    def __init__(self, shape: str, seed: int, numbers: Sequence[int]) -> None:
        self._shape, self._seed, self._numbers = shape, seed, numbers
        self._held: dict[int, list[orjson.Fragment]] = {}

    def records(self) -> list[orjson.Fragment]:
        """Return the records."""
        blocks, self._held = self._held, {}
        for index, count in _counts(self._numbers).items():
            if index not in blocks:
                blocks[index] = _grown(self._shape, self._seed, index, count)
        return [blocks[number // BLOCK][number % BLOCK] for number in self._numbers]

    def slices(self) -> Iterator[None]:
        """Make the records, block by block."""
        for index, count in _counts(self._numbers).items():
            self._held[index] = _grown(self._shape, self._seed, index, count)
            yield


def _counts(numbers: Sequence[int]) -> Mapping[int, int]:
    """Return how many people of which block are needed, by its index."""
    counts: dict[int, int] = {}
    for number in numbers:
        index, at = divmod(number, BLOCK)
        if at >= counts.get(index, 0):
            counts[index] = at + 1
    return counts


def _grown(shape: str, seed: int, index: int, count: int) -> list[orjson.Fragment]:
    """Return a block with at least its first `count` people."""
    block = _block(shape, seed, index)
    if len(block) < count:
        with _growing:
            render = _renderer(shape)
            missing = range(index * BLOCK + len(block), index * BLOCK + count)
            block.extend([orjson.Fragment(compact(orjson.dumps(render(seed, number)))) for number in missing])
    return block


@lru_cache(maxsize=_MOST_BLOCKS)
def _block(shape: str, seed: int, index: int) -> list[orjson.Fragment]:
    """Return the cached people of a block. The list grows when an answer needs more of them."""
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
