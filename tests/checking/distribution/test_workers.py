"""Processes give the results of tasks in order, and a failure of one of them ends all."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from multiprocessing import active_children

import pytest

from jobmock.checking.distribution.workers import results_in_order
from jobmock.errors import StartError, UsageError


@pytest.fixture(params=["fork", "spawn"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to start processes. Where one can't be had, the other is tried twice."""
    name: str = request.param
    if name == "spawn":
        monkeypatch.setattr("jobmock.checking.distribution.workers.sys.platform", "none")
    return name


def _square(number: int) -> int:
    time.sleep(0.01 if number % 5 == 0 else 0)  # some are late
    return number * number


def _fail(number: int) -> int:
    if number == 7:
        raise UsageError("seven")
    return number


def _end(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _text(number: int) -> bytes:
    return bytes([number]) * 1_000_000


@pytest.mark.parametrize("count", [1, 2, 3])
def test_results_are_in_order(count: int) -> None:
    """Results come in the order of the tasks, however long each takes, and the processes are gone at the end."""
    assert list(results_in_order(range(40), _square, count)) == [number * number for number in range(40)]
    assert active_children() == []


def test_each_way_to_start_processes(method: str) -> None:
    """Processes that are copies of this one and new ones do the same."""
    assert list(results_in_order(range(9), _square, 2)) == [number * number for number in range(9)]
    with pytest.raises(UsageError, match="seven"):
        list(results_in_order(range(40), _fail, 2))
    assert active_children() == []


def test_long_results() -> None:
    """Results may be longer than what a pipe holds."""
    assert [result[0] for result in results_in_order(range(20), _text, 2)] == list(range(20))


def test_no_tasks() -> None:
    """Without a task there is no result."""
    assert list(results_in_order([], _square, 2)) == []


def test_error_of_a_task() -> None:
    """What a task raises is raised in its turn, after the results before it."""
    results = results_in_order(range(40), _fail, 2)
    assert [next(results) for _ in range(7)] == list(range(7))
    with pytest.raises(UsageError, match="seven"):
        next(results)
    assert active_children() == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="This system can't end a process so.")
def test_process_that_ends() -> None:
    """A process that ends by itself is one sentence, and the others are ended."""
    with pytest.raises(StartError, match=r"^One of the processes that check was ended by the signal 9, so the check"):
        list(results_in_order(range(40), _end, 2))
    assert active_children() == []


def test_tasks_are_taken_when_there_is_room() -> None:
    """Only a bounded number of tasks is taken before the results of earlier ones."""
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = results_in_order(tasks(), _square, 2)
    for number in range(20):
        next(results)
        assert len(taken) <= number + 20
    results.close()
    assert active_children() == []
