"""Answers become bytes; long answers are cached within a limit, by all that they consist of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmock.dialect.answers import Part
from jobmock.service.serializer import LongAnswer, Serializer


class Makes:
    """A part of so many numbers. It counts how often it was made."""

    def __init__(self, name: bytes, numbers: list[int]) -> None:
        self.times, self._numbers = 0, numbers
        self.part = Part(name, self._make)

    def _make(self) -> list[int]:
        self.times += 1
        return self._numbers


@pytest.fixture
def rendering() -> Serializer:
    return Serializer(max_bytes=2_000)


@pytest.mark.parametrize("body", ["text", {"a": 1}, [], {"text": "\0x\0"}])
def test_what_has_no_part_is_written_as_it_is(body: Any, rendering: Serializer) -> None:
    """Text is sent unchanged, anything else as JSON."""
    written = rendering.bytes_of(body)
    assert written == body.encode() if isinstance(body, str) else orjson.loads(written) == body


def test_nothing_is_written_for_an_answer_without_a_body(rendering: Serializer) -> None:
    """None is no body, and not the JSON null."""
    assert rendering.bytes_of(None) == b""


def test_a_part_is_made_once_for_answers_that_are_the_same(rendering: Serializer) -> None:
    """A repeated answer has the same bytes, and its part isn't made again."""
    many = Makes(b"x 3", [1, 2, 3])
    first = rendering.bytes_of({"a": 1, "people": many.part})
    assert first == b'{"a":1,"people":[1,2,3]}'
    assert rendering.bytes_of({"a": 1, "people": many.part}) is first
    assert many.times == 1


def test_whatever_differs_is_another_answer(rendering: Serializer) -> None:
    """Answers with another member, order or part are different answers."""
    few, many = Makes(b"x 1", [1]), Makes(b"x 2", [1, 2])
    bodies = [
        {"a": 1, "people": few.part}, {"a": 2, "people": few.part}, {"people": few.part, "a": 1},
        {"a": 1, "people": many.part}, {"a": 1, "people": "\0x 1\0"}, {"a": 1, "more": {"people": few.part}},
    ]  # fmt: skip
    written = [rendering.bytes_of(body) for body in bodies * 2]
    assert written[: len(bodies)] == written[len(bodies) :]
    assert len(set(written)) == len(bodies)


def test_bounded_in_bytes(rendering: Serializer) -> None:
    """Above the limit the least recently used answer is removed; a too long one is serialized all the same."""
    one, two, three, huge = (Makes(b"x %d" % number, [7] * 300) for number in range(4))
    for many in (one, two, one, three, one, two):
        rendering.bytes_of([many.part])
    assert (one.times, two.times, three.times) == (1, 2, 1)
    assert orjson.loads(rendering.bytes_of([[huge.part] * 10])) == [[[7] * 300] * 10]


@given(st.lists(st.integers(0, 60), max_size=40))
def test_no_more_than_the_bound_is_kept(counts: list[int]) -> None:
    """Each answer always has its own people, and the cache stays within its limit."""
    rendering = Serializer(max_bytes=1_000)
    for count in counts:
        made = Makes(b"x %d" % count, list(range(count)))
        assert orjson.loads(rendering.bytes_of({"people": made.part})) == {"people": list(range(count))}
        assert sum(map(len, rendering._cache.values())) <= 1_000


def test_a_long_part_is_made_in_slices() -> None:
    """An answer with a long part isn't serialized before its slices have been run, except at once; nor is it again."""
    order = list[str]()

    def slices() -> Iterator[None]:
        for step in ("first", "second"):
            order.append(step)
            yield

    def make() -> list[int]:
        order.append("made")
        return [1, 2]

    part = Part(b"x 2", make, slices)
    rendering = Serializer()
    with pytest.raises(LongAnswer) as long:
        rendering.bytes_of({"people": part}, at_once=False)
    assert order == []
    list(long.value.slices)
    whole = rendering.bytes_of({"people": part}, at_once=True)
    assert (whole, order) == (b'{"people":[1,2]}', ["first", "second", "made"])
    assert rendering.bytes_of({"people": part}, at_once=False) is whole


def test_an_answer_above_the_limit_drops_no_other(rendering: Serializer) -> None:
    """An answer that alone is longer than the limit isn't kept, and those that are kept stay."""
    one, huge = Makes(b"x 1", [7] * 100), Makes(b"x 2", [7] * 5_000)
    for many in (one, huge, one):
        rendering.bytes_of([many.part])
    assert one.times == 1
