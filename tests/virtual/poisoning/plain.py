"""Plain checks of clocks, sleeps, locks, loops and processes, which pass wherever virtual time is over."""

from __future__ import annotations

import asyncio
import queue
import sched
import select
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDone
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from tests.virtual.poisoning.real_time import LATE, SECOND, lasts, real_monotonic_ns, real_wall_ns
from tests.virtual.poisoning.session import EVERY, ORIGINALS, SESSION, originals

SHORT = 0.03
CHECKS: dict[str, Callable[[], Any]] = {}


def _check(function: Callable[[], Any]) -> Callable[[], Any]:
    """Add a function to the table."""
    CHECKS[function.__name__] = function
    return function


def check_real_time(names: list[str]) -> None:
    """Make the checks for what earlier tests left behind, and the checks of these names."""
    while SESSION.checks:
        SESSION.checks.pop()()
    for name in names:
        CHECKS[name]()


@_check
def calls_are_the_originals() -> None:
    now = originals()
    assert {name: (now.get(name), was) for name, was in ORIGINALS.items() if now.get(name) != was} == {}
    assert time.sleep.__self__ is time  # type: ignore[attr-defined]
    assert not {name for name in now if name not in ORIGINALS and not name.startswith(("asyncio.", "socket."))}


@_check
def steady_clocks_go_on() -> None:
    for read in (time.monotonic_ns, time.perf_counter_ns, lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC)):
        before = real_monotonic_ns()
        assert before <= read() <= real_monotonic_ns()
    for seconds in (time.monotonic, time.perf_counter):
        before = real_monotonic_ns()
        assert before / SECOND - 1e-6 <= seconds() <= real_monotonic_ns() / SECOND + 1e-6


@_check
def dates_are_real() -> None:
    for read in (
        time.time_ns,
        lambda: round(time.time() * SECOND),
        lambda: round(datetime.now().timestamp() * SECOND),
        lambda: round(datetime.now(UTC).timestamp() * SECOND),
        lambda: time.clock_gettime_ns(time.CLOCK_REALTIME),
    ):
        before = real_wall_ns()
        assert before - 2_000 <= read() <= real_wall_ns() + 2_000
    assert abs(time.mktime(time.strptime(time.ctime())) - real_wall_ns() / SECOND) < LATE + 1
    assert abs(time.mktime(time.localtime()) - real_wall_ns() / SECOND) < LATE + 1


@_check
def sleeps_last() -> None:
    with lasts(SHORT):
        time.sleep(SHORT)
    with lasts(SHORT):
        scheduler = sched.scheduler()
        scheduler.enter(SHORT, 0, int)
        scheduler.run()


@_check
def sleeps_in_loops_last() -> None:
    async def sleeping() -> None:
        loop = asyncio.get_running_loop()
        before = real_monotonic_ns()
        assert before / SECOND - 1e-6 <= loop.time() <= real_monotonic_ns() / SECOND + 1e-6
        with lasts(SHORT):
            await asyncio.sleep(SHORT)
        with lasts(SHORT), pytest.raises(TimeoutError):
            async with asyncio.timeout(SHORT):
                await asyncio.sleep(60)
        with lasts(SHORT):
            await asyncio.to_thread(time.sleep, SHORT)

    asyncio.run(sleeping())


@_check
def locks_time_out() -> None:
    lock = threading.Lock()
    with lasts(SHORT), lock:
        assert not lock.acquire(timeout=SHORT)
    again = threading.RLock()
    with again, ThreadPoolExecutor(1) as pool, lasts(SHORT):
        assert not pool.submit(again.acquire, timeout=SHORT).result()
    for wait in (threading.Event().wait, lambda seconds: threading.Semaphore(0).acquire(timeout=seconds)):
        with lasts(SHORT):
            assert not wait(SHORT)
    condition = threading.Condition()
    with lasts(SHORT), condition:
        assert not condition.wait(SHORT)


@_check
def queues_time_out() -> None:
    for kind in (queue.Queue, queue.SimpleQueue):
        with lasts(SHORT), pytest.raises(queue.Empty):
            kind().get(timeout=SHORT)


@_check
def selects_time_out() -> None:
    with _pair() as (reader, _):
        with lasts(SHORT):
            assert select.select([reader], [], [], SHORT) == ([], [], [])
        for kind in (selectors.SelectSelector, selectors.PollSelector, selectors.DefaultSelector):
            with kind() as selector, lasts(SHORT):
                selector.register(reader, selectors.EVENT_READ)
                assert selector.select(SHORT) == []
        with select.epoll() as epoll, lasts(SHORT):
            epoll.register(reader)
            epoll.modify(reader, select.EPOLLIN)
            assert epoll.poll(SHORT) == []
        with lasts(SHORT):
            poll = select.poll()
            poll.register(reader, select.POLLIN)
            assert poll.poll(SHORT * 1000) == []


@_check
def sockets_work() -> None:
    with _pair() as (reader, writer):
        reader.settimeout(SHORT)
        with lasts(SHORT), pytest.raises(TimeoutError):
            reader.recv(1)
        writer.sendall(b"x")
        assert reader.recv(1) == b"x"


@_check
def pools_work() -> None:
    with ThreadPoolExecutor(2) as pool, lasts(SHORT):
        assert list(pool.map(time.sleep, [SHORT, SHORT])) == [None, None]
    assert SESSION.pool.submit(threading.get_ident).result(LATE) != threading.get_ident()
    with lasts(SHORT), pytest.raises((NotDone, TimeoutError)):
        Future[None]().result(SHORT)


@_check
def threads_work() -> None:
    called = threading.Event()
    timer = threading.Timer(SHORT, called.set)
    with lasts(SHORT):
        timer.start()
        assert called.wait(LATE)
    timer.join()
    assert not timer.is_alive()
    held = threading.Event()
    thread = threading.Thread(target=held.wait)
    thread.start()
    with lasts(SHORT):
        thread.join(SHORT)
    assert thread.is_alive()
    held.set()
    thread.join()


@_check
def children_work() -> None:
    assert subprocess.run(["/bin/echo", "x"], stdout=subprocess.PIPE, check=True).stdout == b"x\n"
    with subprocess.Popen(["/bin/sleep", "60"]) as child:
        with lasts(SHORT), pytest.raises(subprocess.TimeoutExpired):
            child.wait(SHORT)
        child.kill()


@_check
def alarms_ring() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(real_monotonic_ns()))
    try:
        began = real_monotonic_ns()
        signal.setitimer(signal.ITIMER_REAL, SHORT)
        while not rung and real_monotonic_ns() - began < (LATE + 1) * SECOND:
            time.sleep(SHORT)
        assert rung and rung[0] - began >= (SHORT - 0.001) * SECOND
    finally:
        signal.signal(signal.SIGALRM, before)


@_check
def heartbeats_come() -> None:
    """The heartbeats of both loops come within a second, and not faster than they are set."""
    loop, background = SESSION.session_loop, SESSION.background_loop
    _require_heartbeats("session", lambda: _run_for_a_while(loop, 3 * EVERY), SESSION.heartbeats[loop].beats)
    _require_heartbeats("background", lambda: time.sleep(3 * EVERY), SESSION.heartbeats[background].beats)


@_check
def loop_in_the_background_works() -> None:
    with lasts(SHORT):
        asyncio.run_coroutine_threadsafe(asyncio.sleep(SHORT), SESSION.background_loop).result(LATE + 1)


def _require_heartbeats(name: str, wait: Callable[[], Any], beats: list[int], tries: int = 10) -> None:
    began = real_monotonic_ns()
    del beats[:]
    while len(beats) < 2 and tries:
        wait()
        tries -= 1
    seen = [(one - began) / SECOND for one in beats]
    gaps = [after - before for before, after in pairwise(seen)]
    assert len(seen) >= 2 and min(gaps) >= EVERY - 0.001, f"The {name} heartbeat came at {seen}."


def _run_for_a_while(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Run a loop for so many real seconds, whatever clock its timers use."""
    stop = threading.Timer(seconds, loop.call_soon_threadsafe, [loop.stop])
    stop.start()
    loop.run_forever()
    stop.join()


@contextmanager
def _pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ends = socket.socketpair()
    try:
        yield ends
    finally:
        for end in ends:
            end.close()
