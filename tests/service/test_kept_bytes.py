"""What is kept of answers takes as much memory as it is long."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import orjson
import pytest
from tests.support import scenario

from jobmock.apis.clado import serialized_people
from jobmock.catalogue import Catalogue
from jobmock.dialect.answers import CachedBody, Part
from jobmock.engine.jobs import Job
from jobmock.engine.progression import State, plan
from jobmock.errors import ScenarioError
from jobmock.models import Scenario, Step
from jobmock.service.serializer import Serializer

COUNT = 200


@contextmanager
def taken() -> Iterator[Callable[[], int]]:
    """Measure how many bytes of memory were taken since the beginning of a `with` block."""
    gc.collect()
    tracemalloc.start(1)
    try:
        yield _traced
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", ["a", "b", "modern"])
def test_people(shape: str) -> None:
    """Serialized people."""
    serialized_people.people(shape, 1, range(COUNT))
    with taken() as memory:
        people = serialized_people.people(shape, 987, range(COUNT))
        used = memory()
    assert used < 1.3 * sum(len(orjson.dumps(person)) for person in people)


def test_long_answers() -> None:
    """Answers in the cache, with their keys."""
    serializer = Serializer()
    with taken() as memory:
        sizes = [
            len(serializer.bytes_of({"number": number, "text": "x" * 2_000, "part": Part(b"any", lambda: "y" * 9_000)}))
            for number in range(COUNT)
        ]
        assert memory() < 1.3 * (sum(sizes) + COUNT * 2_500)


def test_answers_of_jobs() -> None:
    """Stored answers to polls."""
    serializer, bodies = Serializer(), [CachedBody({"text": "x" * 9_000}, job(number)) for number in range(COUNT)]
    with taken() as memory:
        sizes = [len(serializer.bytes_of(body)) for body in bodies]
        assert memory() < 1.3 * sum(sizes)


def test_violations() -> None:
    """Violations of scenarios in the cache, which are few of each."""
    catalogue = Catalogue()
    catalogue.resolve(scenario("clado", "completed"))
    with taken() as memory:
        for first in range(0, 30_000, 1_000):
            body = {f"x{number}": 1 for number in range(first, first + 300)}
            with suppress(ScenarioError):
                catalogue.resolve(scenario("clado", {"status": "completed", "body": body}))
        assert memory() < 2_500_000


def job(number: int) -> Job:
    steps = (Step(status="completed"),)
    played = plan(Scenario(name="clado/any", api="clado", summary="", progression=steps), {})
    return Job(id=str(number), plan=played, created=0, count=0, state=State(0, 0))


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
