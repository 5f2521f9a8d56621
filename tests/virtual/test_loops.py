"""Event loops: sleeps, timeouts and cancel scopes of asyncio, anyio and Trio."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
import trio
import uvloop
from tests.virtual.conftest import Serve, VirtualTime


async def _wait_for() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 62)


async def _timeout() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(62):
            await asyncio.sleep(100)


async def _call_later() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(62, done.set)
    await done.wait()


async def _wait() -> None:
    task = asyncio.ensure_future(asyncio.sleep(100))
    await asyncio.wait([task], timeout=62)
    task.cancel()


async def _move_on() -> None:
    with anyio.move_on_after(62) as scope:
        await anyio.sleep(100)
    assert scope.cancelled_caught


async def _fail_after() -> None:
    with pytest.raises(TimeoutError), anyio.fail_after(62):
        await anyio.sleep_forever()


async def _trio_move_on() -> None:
    with trio.move_on_after(62):
        await trio.sleep_forever()


ASYNCIO: dict[str, Callable[[], Awaitable[Any]]] = {
    "sleep": lambda: asyncio.sleep(62), "wait_for": _wait_for, "timeout": _timeout, "call_later": _call_later,
    "wait": _wait,
}  # fmt: skip
ANYIO: dict[str, Callable[[], Awaitable[Any]]] = {
    "sleep": lambda: anyio.sleep(62), "move_on_after": _move_on, "fail_after": _fail_after,
}  # fmt: skip
TRIO: dict[str, Callable[[], Awaitable[Any]]] = {"sleep": lambda: trio.sleep(62), "move_on_after": _trio_move_on}
RUNS: list[Any] = [
    *(pytest.param("asyncio", way, id=f"asyncio {name}") for name, way in ASYNCIO.items()),
    *(pytest.param("asyncio", way, id=f"anyio on asyncio {name}") for name, way in ANYIO.items()),
    *(pytest.param("trio", way, id=f"anyio on trio {name}") for name, way in ANYIO.items()),
    *(pytest.param("trio", way, id=f"trio {name}") for name, way in TRIO.items()),
]


@pytest.mark.parametrize(("backend", "way"), RUNS)
def test_waits_of_loops(virtual: VirtualTime, backend: str, way: Callable[[], Awaitable[Any]]) -> None:
    """Each wait takes exactly its length, and the loop's clock, monotonic and wall time move together."""

    async def main() -> tuple[float, float]:
        before = time.monotonic(), time.time()
        await way()
        return time.monotonic() - before[0], time.time() - before[1]

    assert anyio.run(main, backend=backend) == (62, 62)
    assert virtual.now == 62


def test_the_loops_time_is_monotonic(virtual: VirtualTime) -> None:
    """loop.time and time.monotonic return the same, so deadlines computed with either agree."""

    async def main() -> None:
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        assert loop.time() == time.monotonic()
        loop.call_at(time.monotonic() + 7.5, woken.set)
        await woken.wait()
        assert loop.time() == time.monotonic()

    asyncio.run(main())
    assert virtual.now == 7.5


def test_tasks_of_one_loop(virtual: VirtualTime) -> None:
    """Tasks wake in the order of their times, each exactly at its own."""
    seen = list[tuple[int, float]]()

    async def every(interval: int) -> None:
        for _ in range(60 // interval):
            await asyncio.sleep(interval)
            seen.append((interval, virtual.now))

    async def main() -> None:
        await asyncio.gather(every(5), every(7), every(20))

    asyncio.run(main())
    expected = [(step, n * step) for step in (5, 7, 20) for n in range(1, 60 // step + 1)]
    assert sorted(seen) == sorted(expected)
    assert [at for _, at in seen] == sorted(at for _, at in seen)


def test_a_result_at_the_end_of_a_timeout_is_in_time(virtual: VirtualTime) -> None:
    """A result that comes at the very end of a timeout is in time."""

    async def main() -> str:
        result = asyncio.get_running_loop().create_future()
        threading.Timer(5, lambda: result.get_loop().call_soon_threadsafe(result.set_result, "in time")).start()
        async with asyncio.timeout(5.000_001):
            return str(await result)

    assert asyncio.run(main()) == "in time"


def test_a_task_that_never_waits(virtual: VirtualTime) -> None:
    """A task that only yields doesn't keep due timers from firing."""

    async def main() -> None:
        await asyncio.sleep(1)
        due = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0, due.set_result, None)
        while not due.done():
            await asyncio.sleep(0)

    asyncio.run(main())
    assert virtual.now == 1


def test_a_loop_in_a_thread(virtual: VirtualTime) -> None:
    """A loop that another thread runs forever waits on the same clock, and doesn't keep time from moving."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    time.sleep(5)
    asyncio.run_coroutine_threadsafe(asyncio.sleep(20), loop).result(60)
    assert virtual.now == 25
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_loop_that_outlives_the_test(serve: Serve) -> None:
    """A loop that still runs when the block ends goes on in real time."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    with serve():
        thread.start()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(20), loop).result(60)
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def test_a_subprocess_of_a_loop(virtual: VirtualTime) -> None:
    """While a loop's subprocess runs, no timeout passes."""

    async def main() -> bytes:
        program = "import time; time.sleep(0.05); print(1)"
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
        return (await asyncio.wait_for(child.communicate(), 5))[0]

    assert asyncio.run(main()) == b"1\n"
    assert virtual.now < 5


async def nap() -> None:
    await asyncio.sleep(1)


def _by_factory() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(nap())


@pytest.mark.parametrize("run", [lambda: uvloop.run(nap()), _by_factory], ids=["run", "factory"])
def test_uvloop_is_refused(virtual: VirtualTime, run: Callable[[], None]) -> None:
    """uvloop, however it is started, is refused by name, with what to do instead."""
    with virtual.expect_refusal(r"uvloop keeps its own time.*asyncio's own loop.*time='real'"):
        run()


def test_a_loop_of_another_kind_is_refused(virtual: VirtualTime) -> None:
    """A loop without a usable selector, such as Windows' Proactor loop, is refused by name."""

    class ProactorEventLoop(asyncio.SelectorEventLoop):
        def run_forever(self) -> None:
            selector, self._selector = self._selector, object()  # type: ignore[has-type]
            try:
                super().run_forever()
            finally:
                self._selector = selector

    loop = ProactorEventLoop()
    with virtual.expect_refusal("the event loop ProactorEventLoop"):
        loop.run_until_complete(nap())
    loop.close()
