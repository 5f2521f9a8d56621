"""The places where a construct is called. Errors reach the test, or don't, as they would in a user's test."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Run = Callable[[], None]
Coroutine = Callable[[], Awaitable[None]]


def _nap() -> None:
    time.sleep(5)


def main(run: Run) -> None:
    run()


def thread(run: Run) -> None:
    started = threading.Thread(target=run)
    started.start()
    started.join()


def pool(run: Run) -> None:
    with ThreadPoolExecutor(1) as workers:
        workers.submit(run).result()


def timer(run: Run) -> None:
    started = threading.Timer(5, run)
    started.start()
    started.join()


def done_callback(run: Run) -> None:
    with ThreadPoolExecutor(1) as workers:
        workers.submit(_nap).add_done_callback(lambda _: run())


def task(run: Run) -> None:
    async def inner() -> None:
        run()

    async def outer() -> None:
        await asyncio.create_task(inner())

    asyncio.run(outer())


def call_later(run: Run) -> None:
    async def outer() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda *_: None)
        called = loop.create_future()

        def call() -> None:
            try:
                run()
            finally:
                called.set_result(None)

        loop.call_later(5, call)
        await called

    asyncio.run(outer())


def in_task(run: Coroutine) -> None:
    async def inner() -> None:
        await run()

    async def outer() -> None:
        await asyncio.create_task(inner())

    asyncio.run(outer())


def in_call_later(run: Coroutine) -> None:
    async def outer() -> None:
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[asyncio.Task[None]] = loop.create_future()

        async def inner() -> None:
            await run()

        loop.call_later(5, lambda: begun.set_result(loop.create_task(inner())))
        await (await begun)

    asyncio.run(outer())


def in_trio_task(run: Coroutine) -> None:
    import trio

    async def outer() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run)

    trio.run(outer)


def _in_asyncio(run: Coroutine) -> None:
    async def outer() -> None:
        await run()

    asyncio.run(outer())


def _in_trio(run: Coroutine) -> None:
    import trio

    trio.run(run)


def older() -> Callable[[Run], None]:
    """Start a thread that waits for a function to run; return a function that passes one, and waits until it ended."""
    given: Future[Run] = Future()
    done = threading.Event()

    def work() -> None:
        try:
            given.result()()
        finally:
            done.set()

    threading.Thread(target=work, daemon=True).start()

    def run_in_thread(run: Run) -> None:
        given.set_result(run)
        done.wait()

    return run_in_thread


SYNC: dict[str, Callable[[Run], None]] = {
    "main": main, "thread": thread, "pool": pool, "task": task, "call_later": call_later,
    "done_callback": done_callback, "timer": timer,
}  # fmt: skip
LOOPS: dict[tuple[str, str], Callable[[Coroutine], None]] = {
    ("asyncio", "task"): in_task,
    ("asyncio", "call_later"): in_call_later,
    ("trio", "task"): in_trio_task,
}
RUNS: dict[str, Callable[[Coroutine], None]] = {"asyncio": _in_asyncio, "trio": _in_trio}


def runner_of(kind: str, place: str, run_in_older: Callable[[Run], None] | None) -> Callable[[Any], None]:
    """Return a function that runs a function of a kind in a place; `run_in_older` is that of an older thread."""
    if (kind, place) in LOOPS:
        return LOOPS[kind, place]
    plain = run_in_older if run_in_older is not None else SYNC[place]
    if kind == "sync":
        return plain
    return lambda run: plain(lambda: RUNS[kind](run))
