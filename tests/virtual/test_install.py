"""Virtual time replaces names of the standard library, and restores every one of them."""

from __future__ import annotations

import _thread
import asyncio
import concurrent.futures
import selectors
import socket
import threading
import time
from typing import Any

import pytest
import trio
import uvloop
from tests.support import EPOCH

from jobmock.clock import Clock
from jobmock.virtual import virtual_time

OWNERS: tuple[Any, ...] = (
    time, threading, threading.Thread, threading.Condition, socket.socket, selectors.EpollSelector,
    selectors.PollSelector, selectors.SelectSelector, asyncio.base_events.BaseEventLoop, uvloop.Loop, trio,
    concurrent.futures.ThreadPoolExecutor, concurrent.futures.thread._WorkItem, trio._core._thread_cache.ThreadCache,
)  # fmt: skip


def snapshot() -> list[dict[str, Any]]:
    """Return all names of the patched modules and classes."""
    return [dict(vars(owner)) for owner in OWNERS]


def test_everything_is_restored() -> None:
    """After the block, each function and method is the same object as before, and no name was added."""
    before = snapshot()
    with virtual_time(Clock("manual", start=EPOCH)):
        assert snapshot() != before
    assert snapshot() == before


def test_everything_is_restored_after_an_error() -> None:
    """Everything is restored too if an error ends the block, and the error is raised."""
    before = snapshot()
    with pytest.raises(KeyError), virtual_time(Clock("manual", start=EPOCH)):
        raise KeyError
    assert snapshot() == before


def test_two_tests_in_virtual_time_at_once() -> None:
    """Two blocks in two threads have their own clocks, and the end of the first doesn't end the other."""
    before, first, second = snapshot(), Clock("manual", start=EPOCH), Clock("manual", start=EPOCH)
    begun, ended = threading.Event(), threading.Event()

    def other() -> None:
        with virtual_time(second):
            begun.set()
            time.sleep(3)
            release.acquire(timeout=5)
        ended.set()

    release = _thread.allocate_lock()
    release.acquire()
    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(5)
    with virtual_time(first):
        time.sleep(60)
        release.release()
    assert ended.wait(5)
    thread.join()
    assert (first.elapsed, second.elapsed) == (60_000_000_000, 3_000_000_000)
    assert snapshot() == before


def test_a_loop_is_restored() -> None:
    """A loop that ran in virtual time has its own clock, selector and resolution again when it has stopped."""
    loop = asyncio.new_event_loop()
    names = ("_selector", "_clock_resolution")
    before = [getattr(loop, name) for name in names]
    with virtual_time(Clock("manual", start=EPOCH)):
        loop.run_until_complete(asyncio.sleep(100))
    assert [getattr(loop, name) for name in names] == before
    assert "time" not in vars(loop)
    began = time.monotonic()
    loop.run_until_complete(asyncio.sleep(0.02))
    assert time.monotonic() - began >= 0.019
    loop.close()


def test_coupling_is_cheap() -> None:
    """A block costs at most a few milliseconds, after the first one has searched the modules."""
    took = []
    for _ in range(20):
        began = time.process_time()
        with virtual_time(Clock("manual", start=EPOCH)):
            pass
        took.append(time.process_time() - began)
    assert min(took) < 0.005
