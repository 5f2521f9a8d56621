"""The transport waits to the exact reading: by default it advances a still clock and sleeps for a running one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import trio
from tests.support import EPOCH, Mock
from tests.transport.clients import BASE, EVERY_WAY, LIBRARIES, Asked, ask, faulty, keys, lost, service

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.clock_protocol import ClockLike
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service
from jobmock.transport import Waits, in_process
from jobmock.transport.waits import AdvanceOrSleep

_keys = keys("waits")


class Noted:
    """Waits that record each call and advance the clock."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def until(self, clock: ClockLike, due: int) -> None:
        self._note("sync", clock, due)

    async def auntil(self, clock: ClockLike, due: int) -> None:
        self._note("async", clock, due)

    def _note(self, kind: str, clock: ClockLike, due: int) -> None:
        self.asked.append((kind, due - EPOCH))
        clock.advance(max(0, due - clock.now()))


DUES: list[tuple[dict[str, Any], Any, list[float]]] = [
    ({"when": {"request": 9}, "hang": True}, 1.0, []),
    ({"respond": "rate_limited"}, 1.0, []),
    ({"disconnect": "mid_body"}, 1.0, []),
    ({"delay": "3s"}, None, [3]),
    ({"delay": "3s"}, 3.0, [3]),
    ({"delay": "3s"}, 2.999, [2.999]),
    ({"delay": "3s", "disconnect": "reset"}, 9.0, [3]),
    ({"hang": True}, 0.25, [0.25]),
    ({"delay": "3s", "hang": True}, 7.0, [7]),
    ({"drip": {"bytes": 4000, "every": "2s"}}, 2.0, [2, 4]),
    ({"drip": {"bytes": 4000, "every": "2s"}}, 1.5, [1.5]),
    ({"delay": "1s", "drip": {"bytes": 4000, "every": "2s"}}, 2.0, [1, 3, 5]),
]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@EVERY_WAY
@pytest.mark.parametrize(("fault", "timeout", "dues"), DUES)
def test_the_exact_reading_is_asked_for(
    catalogue: Catalogue, fault: Any, timeout: Any, dues: list[float], library: str, kind: str, streamed: bool
) -> None:
    """A user's own waits get each exact reading, and no call for an answer that comes at once."""
    mock, waits, key = service(catalogue, "manual"), Noted(), next(_keys)
    path = faulty(mock, fault, key)
    ask(library, kind, in_process(mock.service, waits), Asked(path, key, timeout, streamed))
    assert waits.asked == [(kind, round(due * SECOND)) for due in dues]


@pytest.mark.parametrize(("mode", "speed", "timeout"), [("real", 1, 2), ("scaled", 50, 100), ("manual", 1, 2)])
def test_a_timeout_is_in_the_clients_seconds(
    catalogue: Catalogue, mode: str, speed: float, timeout: int
) -> None:  # fmt: skip
    """A read timeout of 2 s is 2 real seconds, in which a clock at 50 times the speed advances by 100 s."""
    clocks = Namespaces(clock=lambda: Clock(mode, speed, start=EPOCH, source=lambda: 0))
    mock, waits, key = Mock(Service(catalogue, clocks)), Noted(), next(_keys)
    path = faulty(mock, {"delay": "1h"}, key)
    (seen,) = ask("httpx", "sync", in_process(mock.service, waits), Asked(path, key, 2.0))
    assert seen.error == "httpx.ReadTimeout" and waits.asked == [("sync", timeout * SECOND)]


Waiting = Callable[[Clock, int], None]


def in_asyncio(clock: Clock, due: int) -> None:
    asyncio.run(AdvanceOrSleep().auntil(clock, due))


def in_trio(clock: Clock, due: int) -> None:
    trio.run(AdvanceOrSleep().auntil, clock, due)


RUNS = {"sync": AdvanceOrSleep().until, "asyncio": in_asyncio, "trio": in_trio}
EVERYWHERE = pytest.mark.parametrize("wait", RUNS.values(), ids=RUNS)


@pytest.mark.parametrize("fault", [{"delay": "1h"}, {"drip": {"bytes": 4000, "every": "1h"}}], ids=["delay", "drip"])
def test_a_skipped_delay_is_never_too_late(catalogue: Catalogue, fault: Any) -> None:
    """On a clock that skips delays, an answer comes at once, also one later than the client's read timeout."""
    mock, key = service(catalogue, "skip-delays"), next(_keys)
    path = faulty(mock, fault, key)
    (seen,) = ask("httpx", "sync", in_process(mock.service), Asked(path, key, 2.0))
    assert seen.head and seen.head[0] == 200 and mock.namespace("clado", key).clock.elapsed >= 3600 * SECOND


@EVERYWHERE
@pytest.mark.parametrize("mode", ["manual", "skip-delays"])
def test_a_clock_that_nobody_waits_for_is_advanced(mode: str, wait: Waiting) -> None:
    """A clock that stands still or skips delays is advanced to the reading, and never moved back."""
    clock = Clock(mode, start=EPOCH, source=lambda: 0)
    wait(clock, EPOCH + 3600 * SECOND)
    assert clock.elapsed == 3600 * SECOND
    wait(clock, EPOCH + 1)
    assert clock.elapsed == 3600 * SECOND


@EVERYWHERE
@pytest.mark.parametrize("speed", [1_000, 1_000_000])
def test_a_running_clock_is_waited_for(speed: int, wait: Waiting) -> None:
    """For a running clock the transport sleeps, by the clock's speed, and doesn't advance it."""
    clock, seconds = Clock("scaled", speed, start=EPOCH), speed / 10
    began = time.monotonic()
    wait(clock, EPOCH + round(seconds * SECOND))
    assert clock.now() >= EPOCH + seconds * SECOND
    assert seconds / speed - 0.001 <= time.monotonic() - began < seconds


class Yielding(Clock):
    """A clock that yields to other threads at each reading."""

    def now(self) -> int:
        reading = super().now()
        time.sleep(0)
        return reading


def test_threads_advance_a_clock_once() -> None:
    """Several threads that wait for the same reading advance their clock to it only once."""
    clock = Yielding("manual", start=EPOCH)
    with ThreadPoolExecutor(8) as pool:
        for second in range(1, 20):
            list(pool.map(lambda due: AdvanceOrSleep().until(clock, due), [EPOCH + second * SECOND] * 8))
            assert clock.elapsed == second * SECOND


class Leaves:
    """Waits in which the client is interrupted, or is cancelled."""

    def until(self, clock: ClockLike, due: int) -> None:
        raise KeyboardInterrupt

    async def auntil(self, clock: ClockLike, due: int) -> None:
        task = asyncio.current_task()
        assert task
        task.cancel()
        await asyncio.sleep(0)


FAULTS = [{"delay": "3s"}, {"drip": {"bytes": 100, "every": "2s"}}]


@pytest.mark.parametrize("fault", FAULTS, ids=["delay", "drip"])
@EVERY_WAY
def test_a_client_that_is_torn_away_has_lost_the_answer(
    catalogue: Catalogue, fault: Any, library: str, kind: str
) -> None:  # fmt: skip
    """An answer is recorded as lost if the wait for it is interrupted or cancelled."""
    mock, key = service(catalogue), next(_keys)
    path = faulty(mock, fault, key)
    leaves: Waits = Leaves()
    with pytest.raises((KeyboardInterrupt, asyncio.CancelledError)):
        ask(library, kind, in_process(mock.service, leaves), Asked(path, key))
    assert lost(mock, key) == {2}


@pytest.mark.parametrize("fault", FAULTS, ids=["delay", "drip"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_an_answer_that_was_read_is_not_lost(catalogue: Catalogue, fault: Any, library: str) -> None:
    """A late or slow answer that was read isn't recorded as lost, even if the reader stops at the last byte."""
    mock, key = service(catalogue), next(_keys)
    headers = {"Authorization": f"Bearer {key}"}
    client = LIBRARIES[library].Client(transport=in_process(mock.service), base_url=BASE)
    with client.stream("GET", faulty(mock, fault, key), headers=headers) as response:
        received, parts = 0, response.iter_raw()
        while received < int(response.headers["content-length"]):
            received += len(next(parts))
    assert lost(mock, key) == set()


@pytest.mark.parametrize("run", ["asyncio", "trio"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_request_lets_others_have_their_turn(catalogue: Catalogue, library: str, run: str) -> None:
    """Two tasks that only send requests take turns in an event loop, as they would over a socket."""
    turns, transport = list[str](), in_process(service(catalogue).service)

    async def task(client: Any, name: str) -> None:
        for _ in range(3):
            await client.get("/")
            turns.append(name)

    async def in_asyncio() -> None:
        async with LIBRARIES[library].AsyncClient(transport=transport, base_url=BASE) as client:
            await asyncio.gather(task(client, "a"), task(client, "b"))

    async def in_trio() -> None:
        client = LIBRARIES[library].AsyncClient(transport=transport, base_url=BASE)
        async with client, trio.open_nursery() as nursery:
            nursery.start_soon(task, client, "a")
            nursery.start_soon(task, client, "b")

    asyncio.run(in_asyncio()) if run == "asyncio" else trio.run(in_trio)
    assert [set(turns[at : at + 2]) for at in (0, 2, 4)] == [{"a", "b"}] * 3


def test_a_drip_gives_others_their_turn(catalogue: Catalogue) -> None:
    """A clock that stands still is advanced without a wait, and other tasks still run after each piece of a body."""
    mock, key, turns = service(catalogue, "manual"), next(_keys), 0
    path = faulty(mock, {"drip": {"bytes": 10, "every": "1s"}}, key)

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def read() -> int:
        headers = {"Authorization": f"Bearer {key}"}
        options: Any = {"transport": in_process(mock.service), "base_url": BASE, "headers": headers}
        running = asyncio.create_task(others())
        async with httpx.AsyncClient(**options) as client, client.stream("GET", path) as response:
            pieces = [piece async for piece in response.aiter_raw()]
        running.cancel()
        return len(pieces)

    pieces = asyncio.run(read())
    assert turns >= pieces > 10
