"""Runtimes of a client program over httpx: a loop, asyncio, trio, callbacks, threads, timers, and an executor."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import trio
from tests.campaigns.clients.programs import Program
from tests.campaigns.clients.trampoline import Resume, Suspend, complete, trampoline
from tests.campaigns.clients.wire import Answer, Lost, parsed

Call = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a mock is, and what the client sends with: an httpx transport in process, or None for real sockets."""

    url: str
    key: str
    transport: Any = None


@dataclass(kw_only=True)
class SyncWire:
    """Sends with `httpx.Client`, and sleeps with `time.sleep`. It never suspends a coroutine."""

    place: Place
    agent: str = "client/1"
    timeout: float = 20
    strict: bool = True
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            transport=self.place.transport, timeout=self.timeout, headers=self.headers, verify=False
        )  # fmt: skip

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Authorization": f"Bearer {self.place.key}", "User-Agent": self.agent}

    def url(self, path: str, query: str) -> str:
        """Return the URL of a request."""
        return f"{self.place.url}{path}?{query}" if query else f"{self.place.url}{path}"

    def request(self, method: str, path: str, query: str, body: Any) -> Answer:
        """Send a request in this thread. Raises Lost."""
        try:
            return self.answer(self.client.request(method, self.url(path, query), json=body))
        except httpx.TransportError as error:
            raise Lost(str(error)) from error

    def answer(self, response: httpx.Response) -> Answer:
        """Return what a client reads of a response. Raises Lost."""
        return parsed(response.status_code, dict(response.headers), response.content, strict=self.strict)

    async def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        return self.request(method, path, query, body)

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def together(self, *calls: Call) -> list[Any]:
        return [await call() for call in calls]

    def now(self) -> float:
        return time.monotonic()

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class ThreadWire(SyncWire):
    """Runs what goes on at the same time in threads."""

    async def together(self, *calls: Call) -> list[Any]:
        with ThreadPoolExecutor(max(1, len(calls))) as pool:
            futures = [pool.submit(_complete_call, call) for call in calls]
            return [future.result() for future in futures]


class TimerWire(SyncWire):
    """Sleeps with `threading.Timer`: each wait ends in another thread, and none blocks."""

    async def sleep(self, seconds: float) -> None:
        await Suspend(lambda resume: threading.Timer(seconds, resume, (None, None)).start())


class CallbackWire(SyncWire):
    """Waits by callbacks of an event loop, and sends in a pool of threads."""

    async def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        loop = asyncio.get_running_loop()
        work = partial(self.request, method, path, query, body)

        def arrange(resume: Resume) -> None:
            loop.run_in_executor(None, work).add_done_callback(lambda future: _resume_with(future, resume))

        answer: Answer = await Suspend(arrange)
        return answer

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        await Suspend(lambda resume: [loop.call_later(seconds, resume, None, None)].clear())


class AsyncWire(SyncWire):
    """Sends with `httpx.AsyncClient` in asyncio."""

    def __post_init__(self) -> None:
        self.async_client = httpx.AsyncClient(
            transport=self.place.transport, timeout=self.timeout, headers=self.headers, verify=False
        )  # fmt: skip

    async def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        try:
            return self.answer(await self.async_client.request(method, self.url(path, query), json=body))
        except httpx.TransportError as error:
            raise Lost(str(error)) from error

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def together(self, *calls: Call) -> list[Any]:
        return list(await asyncio.gather(*[call() for call in calls]))

    def close(self) -> None:
        """Do nothing: the event loop has ended with the connections."""


class TrioWire(AsyncWire):
    """Sends with `httpx.AsyncClient` in trio."""

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def together(self, *calls: Call) -> list[Any]:
        found: list[Any] = [None] * len(calls)

        async def run(index: int, call: Call) -> None:
            found[index] = await call()

        async with trio.open_nursery() as nursery:
            for index, call in enumerate(calls):
                nursery.start_soon(run, index, call)
        return found


def _resume_with(future: Future[Any] | asyncio.Future[Any], resume: Resume) -> None:
    error = future.exception()
    resume(None if error else future.result(), error)


async def _awaited(call: Call) -> Any:
    return await call()


def _complete_call(call: Call) -> Any:
    return complete(_awaited(call))


def _threads(start: Call) -> Any:
    """Run a program in a thread, which hands its result over in a queue."""
    results: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            results.put((_complete_call(start), None))
        except BaseException as error:
            results.put((None, error))

    thread = threading.Thread(target=work)
    thread.start()
    result, error = results.get()
    thread.join()
    return _result(result, error)


def _executor(start: Call) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_complete_call, start).result()


def _timers(start: Call) -> Any:
    ended: Future[Any] = Future()
    trampoline(_awaited(start), partial(_settle, ended))
    return ended.result()


def _callbacks(start: Call) -> Any:
    async def main() -> Any:
        ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        trampoline(_awaited(start), partial(_settle, ended))
        return await ended

    return asyncio.run(main())


def _settle(future: Future[Any] | asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


def _result(result: Any, error: BaseException | None) -> Any:
    if error is not None:
        raise error
    return result


RUNTIMES: Mapping[str, tuple[type[SyncWire], Callable[[Call], Any]]] = {
    "sync": (SyncWire, _complete_call),
    "threads": (ThreadWire, _threads),
    "executor": (ThreadWire, _executor),
    "timers": (TimerWire, _timers),
    "callbacks": (CallbackWire, _callbacks),
    "asyncio": (AsyncWire, lambda start: asyncio.run(_awaited(start))),
    "trio": (TrioWire, lambda start: trio.run(_awaited, start)),
}
"""The wire of each runtime, and what runs a program in it."""


def run_in(runtime: str, program: Program, place: Place, shape: str | None) -> Any:
    """Run a program in a runtime, and return what it returns."""
    wire, run = RUNTIMES[runtime]
    with ExitStack() as stack:

        def make_wire(**chosen: Any) -> SyncWire:
            made = wire(place=place, **chosen)
            stack.callback(made.close)
            return made

        return run(lambda: program(make_wire, shape))
