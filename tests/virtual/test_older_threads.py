"""Threads that were there before: which of them are taken to be at work for the test."""

from __future__ import annotations

import gc
import queue
from typing import Any

import pytest
from tests.support import EPOCH

from jobmock.clock import Clock
from jobmock.virtual import coupled

PUTS, SIZES = 60, range(16, 513, 16)


@pytest.mark.parametrize("collect_each", [1, 2, 3, 7])
def test_who_takes_part_is_no_older_thread(collect_each: int) -> None:
    """A thread that fills a queue is never taken for an older one that it woke, wherever its frames lie in memory."""
    kept = list[Any]()
    for _ in range(5):
        with coupled(Clock("manual", start=EPOCH)) as world:
            items = queue.SimpleQueue[int]()
            for number in range(PUTS):
                items.put(number)
                assert items.get() == number
                assert not world.pace.kept
                kept.extend(bytes(size) for size in SIZES)  # so that the next frame lies elsewhere
                if number % collect_each == 0:
                    gc.collect()
