"""What is put in place is put back, to the last name."""

from __future__ import annotations

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
from tests.virtual.conftest import Elsewhere

from jobmock.clock import Clock
from jobmock.virtual import virtual_time

OWNERS: tuple[Any, ...] = (
    time, threading, threading.Thread, threading.Condition, socket.socket, selectors.EpollSelector,
    selectors.PollSelector, selectors.SelectSelector, asyncio.base_events.BaseEventLoop, uvloop.Loop, trio,
    concurrent.futures.ThreadPoolExecutor, concurrent.futures.thread._WorkItem, trio._core._thread_cache.ThreadCache,
)  # fmt: skip


def everything() -> list[dict[str, Any]]:
    return [dict(vars(owner)) for owner in OWNERS]


def test_everything_is_put_back() -> None:
    """After the block each function and each method is the very one it was, and none is left behind."""
    before = everything()
    with virtual_time(Clock("manual", start=EPOCH)):
        assert everything() != before
    assert everything() == before


def test_everything_is_put_back_after_an_error() -> None:
    """So it is where the block ends with an error, which passes through."""
    before = everything()
    with pytest.raises(KeyError), virtual_time(Clock("manual", start=EPOCH)):
        raise KeyError
    assert everything() == before


def test_two_tests_in_virtual_time_at_once(elsewhere: Elsewhere) -> None:
    """Two blocks in two threads have their own clocks; the first that ends leaves the replacements to the other."""
    before, first, second = everything(), Clock("manual", start=EPOCH), Clock("manual", start=EPOCH)
    begun, ended = threading.Event(), threading.Event()

    def other() -> None:
        with virtual_time(second):
            begun.set()
            time.sleep(3)
            may_end.acquire(timeout=5)
        ended.set()

    may_end = __import__("_thread").allocate_lock()
    may_end.acquire()
    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(5)
    with virtual_time(first):
        time.sleep(60)
        may_end.release()
    assert ended.wait(5)
    thread.join()
    assert (first.elapsed, second.elapsed) == (60_000_000_000, 3_000_000_000)
    assert everything() == before


def test_a_loop_is_put_back() -> None:
    """A loop that ran in virtual time has its clock, its selector and its resolution back when it has stopped."""
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
    """A block costs a few milliseconds at most, once the modules have been looked through."""
    took = []
    for _ in range(20):
        began = time.process_time()
        with virtual_time(Clock("manual", start=EPOCH)):
            pass
        took.append(time.process_time() - began)
    assert min(took) < 0.005
